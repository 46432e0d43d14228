import { type ErrorCode, isLoomstackError } from "@loomstack/core";
import { isRefusal } from "../jsonrpc/refusal.ts";

/**
 * What a transaction is refused with before it is sent, and what a server answers that has looked at it and changed
 * nothing. Not `OVSDB__IO_ERROR` and unknown errors of the server: those may come of writing it down.
 */
const certain: ReadonlySet<string> = new Set<ErrorCode>([
  "OVSDB__NOT_CONNECTED",
  "OVSDB__PENDING_EXCEEDED",
  "OVSDB__REFERENTIAL_INTEGRITY_VIOLATION",
  "OVSDB__CONSTRAINT_VIOLATION",
  "OVSDB__RESOURCES_EXHAUSTED",
  "OVSDB__DUPLICATE_UUID_NAME",
  "OVSDB__DOMAIN_ERROR",
  "OVSDB__RANGE_ERROR",
  "OVSDB__TIMED_OUT",
  "OVSDB__NOT_SUPPORTED",
  "OVSDB__ABORTED",
  "OVSDB__NOT_OWNER",
  "OVSDB__NOT_ALLOWED",
  "OVSDB__PERMISSION_ERROR",
  "OVSDB__SYNTAX_ERROR",
]);

/**
 * Whether a transaction that failed with this error has changed nothing, and never will. Otherwise nobody knows: the
 * connection ended, or the time was over, while the server had it.
 *
 * A server's answer counts as its word. In one case it can be wrong: a server of a cluster that loses its leader over a
 * transaction carries it out anew by itself, and answers what became of that. It is why OVSDB__DUPLICATE_UUID is no such
 * error; `transactOnce` makes use of it.
 */
export function isCertainlyNotDone(error: unknown): boolean {
  // ovsdb-server gives up watching a transaction whose database is replaced, and answers this whatever comes of it.
  if (isLoomstackError(error, "OVSDB__CANCELED")) return false;
  return isRefusal(error) || (isLoomstackError(error) && certain.has(error.code));
}
