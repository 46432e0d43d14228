import { bits, type Codec, struct, type StructValue, u32 } from "@loomstack/wire";
import { flowRemovedReasons } from "./flow-removed.ts";
import { packetInReasons } from "./packet-in.ts";
import { portStatusReasons } from "./port-status.ts";

/** One mask for controllers that are primary or equal to others, and one for secondary ones. */
function byRole<Value, Input>(mask: Codec<Value, Input>) {
  return struct({ primary: mask, secondary: mask });
}

/**
 * Which of the messages that a switch sends unasked it sends on this connection: those whose reason is set.
 *
 * @see OpenFlow 1.3.5, 7.3.10 (ofp_async_config)
 */
export const asyncConfigFields = {
  packetIn: byRole(bits(u32, packetInReasons)),
  portStatus: byRole(bits(u32, portStatusReasons)),
  flowRemoved: byRole(bits(u32, flowRemovedReasons)),
};

export type AsyncConfig = StructValue<typeof asyncConfigFields>;
