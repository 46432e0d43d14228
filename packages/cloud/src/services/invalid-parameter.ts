import { LoomstackError } from "@loomstack/core";

/** The error for a parameter of a request that makes no sense here. */
export function invalid(parameter: string, value: string | number, reason: string): LoomstackError {
  return new LoomstackError("CLOUD__INVALID_PARAMETER", { parameter, value, reason });
}
