/**
 * The error table of this northbound: which HTTP status an error has.
 *
 * CloudStack's plug-in reads the words of an error only from a body whose type is exactly `text/html`, and of that the
 * first 1024 characters; else it shows the reason phrase. So each error is told in both.
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

const statusByCode: Partial<Readonly<Record<ErrorCode, number>>> = {
  NORTHBOUND__UNAUTHORIZED: 401,
  NORTHBOUND__FORBIDDEN: 403,
  NORTHBOUND__NOT_FOUND: 404,
  NORTHBOUND__INVALID_NODE: 406,
  NORTHBOUND__EXCEEDED: 413,
  // Hydrogen's answer to whatever keeps a node from being connected.
  FABRIC__HYPERVISOR_UNREACHABLE: 404,
  FABRIC__HYPERVISOR_REFUSED: 404,
  FABRIC__HYPERVISOR_NOT_READY: 404,
  FABRIC__HYPERVISOR_IN_USE: 409,
  MODEL__NOT_FOUND: 404,
  // Hydrogen's answer to an id that is there already.
  MODEL__ALREADY_EXISTS: 400,
  MODEL__MAC_IN_USE: 409,
  MODEL__ADDRESS_IN_USE: 409,
  MODEL__DNS_NAME_IN_USE: 409,
  MODEL__ADDRESSES_EXHAUSTED: 409,
  // Neutron calls it GatewayConflictWithAllocationPools.
  MODEL__GATEWAY_IN_ALLOCATION_POOL: 409,
  MODEL__IN_USE: 409,
  MODEL__SEGMENT_IN_USE: 409,
  // Neutron calls it AddressPairAndPortSecurityRequired.
  MODEL__PORT_SECURITY_REQUIRED: 409,
  MODEL__TOO_MANY_ATTEMPTS: 429,
};

/** How much of a body the plug-in reads. */
const bodyLimit = 1024;
const reasonLimit = 200;

export type AnswerError = (thrown: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/** Answers with an error, whatever it is; those that are nobody's outside are logged. */
export function errorAnswers(logger: Logger): AnswerError {
  return (thrown, { id: request, method, url }, reply) => {
    const { error, status } = understand(thrown);
    if (status >= 500) logger.error({ request, method, url, error: thrown }, "a call failed");
    return answer(error, status, reply);
  };
}

function answer(error: Error, status: number, reply: FastifyReply): FastifyReply {
  if (isLoomstackError(error, "NORTHBOUND__UNAUTHORIZED"))
    void reply.header("www-authenticate", 'Basic realm="opendaylight"');
  if (isLoomstackError(error, "MODEL__TOO_MANY_ATTEMPTS"))
    void reply.header("retry-after", String(error.context.retryAfterSec));
  reply.raw.statusMessage = reasonPhrase(error.message);
  return reply
    .code(status)
    .header("content-type", "text/html")
    .send(Buffer.from(htmlText(error.message), "ascii"));
}

function understand(thrown: unknown): { readonly error: Error; readonly status: number } {
  if (isLoomstackError(thrown))
    return { error: thrown, status: statusByCode[thrown.code] ?? httpStatusByBlame[thrown.blame] };
  const status = httpStatusOf(thrown);
  if (thrown instanceof Error && status !== undefined && status < 500) return { error: thrown, status };
  return { error: new LoomstackError("NORTHBOUND__INTERNAL"), status: 500 };
}

/** HTML text in ASCII alone, because the type can't name a character set; never longer than what is read. */
export function htmlText(message: string): string {
  let html = "";
  for (const character of message) {
    const next =
      /[ -~]/.test(character) && !/[&<>"']/.test(character) ? character : `&#${character.codePointAt(0) ?? 0};`;
    if (html.length + next.length > bodyLimit) break;
    html += next;
  }
  return html;
}

/** A reason phrase (RFC 9112 section 4) has no line ends and no letters beyond ASCII. */
export function reasonPhrase(message: string): string {
  return message.replace(/[^ -~]/g, "?").slice(0, reasonLimit);
}
