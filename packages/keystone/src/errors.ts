/** The error table of this northbound: which HTTP status an error has. Its text is told in Keystone's envelope. */
import { STATUS_CODES } from "node:http";
import {
  type ErrorCode,
  httpStatusByBlame,
  httpStatusOf,
  isLoomstackError,
  type Logger,
  LoomstackError,
  messageOf,
} from "@loomstack/core";
import type { FastifyReply, FastifyRequest } from "fastify";
import { publicUrl } from "./public-url.ts";

const statusByCode: Partial<Readonly<Record<ErrorCode, number>>> = {
  NORTHBOUND__UNAUTHORIZED: 401,
  NORTHBOUND__NOT_FOUND: 404,
  KEYSTONE__FORBIDDEN: 403,
  KEYSTONE__NOT_FOUND: 404,
  MODEL__NOT_FOUND: 404,
  MODEL__ALREADY_EXISTS: 409,
  MODEL__IN_USE: 409,
  MODEL__LAST_ADMINISTRATOR: 403,
  MODEL__TOO_MANY_CREDENTIALS: 403,
  MODEL__TOO_MANY_ATTEMPTS: 429,
};

export type AnswerError = (thrown: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/** Answers with an error, whatever it is; those that are nobody's outside are logged. */
export function errorAnswers(logger: Logger): AnswerError {
  return (thrown, request, reply) => {
    const { code, message } = tell(thrown);
    const { id, method, url } = request;
    if (code >= 500) logger.error({ request: id, method, url, error: thrown }, "a call failed");
    if (code === 401) void reply.header("www-authenticate", `Keystone uri="${publicUrl(request)}"`);
    if (isLoomstackError(thrown, "MODEL__TOO_MANY_ATTEMPTS"))
      void reply.header("retry-after", String(thrown.context.retryAfterSec));
    return reply.code(code).send({ error: { code, message, title: STATUS_CODES[code] } });
  };
}

function tell(thrown: unknown): { readonly code: number; readonly message: string } {
  if (isLoomstackError(thrown, "NORTHBOUND__UNAUTHORIZED"))
    return { code: 401, message: "The request you have made requires authentication." };
  if (isLoomstackError(thrown))
    return { code: statusByCode[thrown.code] ?? httpStatusByBlame[thrown.blame], message: thrown.message };
  const code = httpStatusOf(thrown);
  if (code !== undefined && code < 500) return { code, message: messageOf(thrown) };
  return { code: 500, message: new LoomstackError("NORTHBOUND__INTERNAL").message };
}
