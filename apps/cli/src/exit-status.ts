import { constants } from "node:os";
import { type ErrorCode, isLoomstackError, type LoomstackError } from "@loomstack/core";

/** Errors that are a call made wrongly. */
const usageCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "CLI__USAGE",
  "OPENFLOW__INVALID_REMOTE",
  "OPENFLOW__INVALID_TEXT",
  "OVSDB__INVALID_REMOTE",
  "OVSDB__TLS_REQUIRED",
]);

/** What a shell reports of a process that a signal has ended. */
export function statusOfSignal(signal: string): number {
  return 128 + (Object.entries(constants.signals).find(([name]) => name === signal)?.[1] ?? 0);
}

/** 2 for wrong usage, 128 and the signal's number where a signal would have ended the process, 1 for the rest. */
export function statusOf(error: LoomstackError): number {
  if (isLoomstackError(error, "CLI__INTERRUPTED")) return statusOfSignal(error.context.signal.toString());
  if (error.code === "CLI__OUTPUT_CLOSED") return statusOfSignal("SIGPIPE");
  return usageCodes.has(error.code) ? 2 : 1;
}

/** Whether nothing is to be said: whoever ended the command knows. */
export function isQuiet(error: LoomstackError): boolean {
  return error.code === "CLI__INTERRUPTED" || error.code === "CLI__OUTPUT_CLOSED";
}
