import { LoomstackError } from "@loomstack/core";

/** The error for a flow that nothing can be meant by, to be thrown by the caller. @param reason in words */
export function invalid(reason: string): LoomstackError {
  return new LoomstackError("FABRIC__FLOW_INVALID", { reason });
}
