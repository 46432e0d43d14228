import { isLoomstackError } from "@loomstack/core";
import { type Logger as Pino, pino } from "pino";
import type { Config } from "./config.ts";

/** The log of the process: a line of JSON each, on standard output. */
export function createServerLog({ level }: Config["log"]): Pino {
  return pino({ level, base: null, serializers: { error: describeError } });
}

/** What an error says; where it came from only if it is a bug, for others the message names the object. */
export function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const isBug = !isLoomstackError(error) || error.blame === "bug";
  return {
    message: error.message,
    ...(isLoomstackError(error) && { code: error.code }),
    ...(isBug && { stack: error.stack }),
  };
}
