import { hash64 } from "@loomstack/core";
import { type Flow, flowFingerprint, flowKey, type UnreadFlow } from "@loomstack/openflow";

/** A flow as a dump has it before it is read, for scripted switches. */
export function unreadFlow(flow: Flow): UnreadFlow {
  return { hash: () => hash64(`${flowKey(flow)} ${flowFingerprint(flow)}`), read: () => flow };
}
