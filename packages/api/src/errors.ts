/**
 * The error table of this northbound. An error is told as `{"error": {"code": "MODEL__NOT_FOUND", "message": "…"}}`.
 */
import {
  type ErrorCode,
  httpStatusByBlame,
  httpStatusOf,
  isLoomstackError,
  type Logger,
  LoomstackError,
} from "@loomstack/core";
import type { FastifyReply, FastifyRequest } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";

const statusByCode: Partial<Readonly<Record<ErrorCode, number>>> = {
  NORTHBOUND__UNAUTHORIZED: 401,
  NORTHBOUND__FORBIDDEN: 403,
  NORTHBOUND__NOT_FOUND: 404,
  MODEL__NOT_FOUND: 404,
  FABRIC__OTHER_KIND: 404,
  MODEL__FLOW_EXISTS: 409,
  MODEL__IN_USE: 409,
  FABRIC__HYPERVISOR_IN_USE: 409,
  FABRIC__SWITCH_OF_HYPERVISOR: 409,
  FABRIC__SWITCH_NOT_CONNECTED: 409,
  FABRIC__LIVE_TRACE_IMPOSSIBLE: 409,
  FABRIC__LIVE_TRACE_LIMITED: 429,
  MODEL__TOO_MANY_ATTEMPTS: 429,
  NORTHBOUND__BUSY: 503,
};

export type AnswerError = (thrown: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/** Answers with an error, whatever it is; those that are nobody's outside are logged. */
export function errorAnswers(logger: Logger): AnswerError {
  return (thrown, { id: request, method, url }, reply) => {
    const error = understand(thrown);
    const status = statusByCode[error.code] ?? httpStatusByBlame[error.blame];
    if (status >= 500 && error.blame !== "caller")
      logger.error({ request, method, url, error: thrown }, "a call failed");
    return answer(error, status, reply);
  };
}

function answer(error: LoomstackError, status: number, reply: FastifyReply): FastifyReply {
  if (isLoomstackError(error, "NORTHBOUND__UNAUTHORIZED"))
    void reply.header("www-authenticate", 'Basic realm="loomstack"');
  if (isLoomstackError(error, "MODEL__TOO_MANY_ATTEMPTS"))
    void reply.header("retry-after", String(error.context.retryAfterSec));
  if (isLoomstackError(error, "NORTHBOUND__BUSY")) void reply.header("retry-after", "1");
  return reply.code(status).send({ error: { code: error.code, message: error.message } });
}

function understand(thrown: unknown): LoomstackError {
  if (isLoomstackError(thrown)) return thrown;
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const [issue] = thrown.validation;
    const where = `${thrown.validationContext ?? "the request"}${issue?.instancePath.replaceAll("/", ".").replace(/\.$/, "") ?? ""}`;
    return new LoomstackError("NORTHBOUND__MALFORMED", { where, reason: issue?.message ?? thrown.message });
  }
  if (thrown instanceof Error && (httpStatusOf(thrown) ?? 500) < 500)
    return new LoomstackError("NORTHBOUND__MALFORMED", { where: "the request", reason: thrown.message });
  return new LoomstackError("NORTHBOUND__INTERNAL");
}
