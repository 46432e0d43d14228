import { type ErrorCode, isLoomstackError, LoomstackError } from "@loomstack/core";
import { isJsonArray, type Json } from "../notation/json.ts";
import { describeError } from "./message.ts";

/** What a request is answered with that a server doesn't carry out; those of an operation aren't among them. */
export type RefusalCode = (typeof wellKnown)[number][1] | "OVSDB__REQUEST_REFUSED";

/**
 * By what the server says: the name of the error, or for a `syntax error` what is in its details. Servers have each of
 * them in one of the two places.
 */
const wellKnown = [
  ["unknown database", "OVSDB__UNKNOWN_DATABASE"],
  ["database not available", "OVSDB__DATABASE_UNAVAILABLE"],
  ["unknown method", "OVSDB__UNKNOWN_METHOD"],
  ["canceled", "OVSDB__CANCELED"],
  ["permission error", "OVSDB__REQUEST_NOT_PERMITTED"],
  ["lock and unlock methods not allowed, DB server is read only.", "OVSDB__REQUEST_NOT_PERMITTED"],
  ["duplicate monitor ID", "OVSDB__DUPLICATE_MONITOR_ID"],
  ["unknown monitor", "OVSDB__UNKNOWN_MONITOR"],
  ["unknown monitor session", "OVSDB__UNKNOWN_MONITOR"],
  ['must issue "unlock" before new', "OVSDB__LOCK_REQUESTED_TWICE"],
  ['"unlock" without', "OVSDB__LOCK_NOT_REQUESTED"],
] as const satisfies readonly (readonly [string, ErrorCode])[];

const codes: ReadonlySet<string> = new Set<RefusalCode>([
  ...wellKnown.map(([, code]) => code),
  "OVSDB__REQUEST_REFUSED",
]);

/** The error that a JSON-RPC error stands for (RFC 7047, 3.1: `<error>`; ovsdb-server sends some of them as a string). */
export function refusalOf(remote: string, method: string, answer: Json): LoomstackError<RefusalCode> {
  // ovsdb-server(7), 4.1.19 has the error of a conversion in an array.
  const { error, details } = describeError(isJsonArray(answer) ? (answer[0] ?? null) : answer);
  const isMeant = (text: string): boolean => error === text || (error === "syntax error" && details.includes(text));
  const code = wellKnown.find(([text]) => isMeant(text))?.[1] ?? "OVSDB__REQUEST_REFUSED";
  return new LoomstackError<RefusalCode>(code, { remote, method, reason: `${error}: ${details}` });
}

/** Whether this is a server's word that it doesn't carry out a request. */
export function isRefusal(error: unknown): error is LoomstackError<RefusalCode> {
  return isLoomstackError(error) && codes.has(error.code);
}
