import { bits, openEnumOf, pad, type StructInput, u16, u32, u64, u8, withDefault } from "@loomstack/wire";
import type { Flow } from "../flow.ts";
import { instructions } from "../instructions.ts";
import { match } from "../match.ts";
import { Group, noBuffer, Port, portNo } from "../ports.ts";

/** @see OpenFlow 1.3.5, 7.3.4.1 (ofp_flow_mod_command) */
export const flowModCommands = { add: 0, modify: 1, "modify-strict": 2, delete: 3, "delete-strict": 4 } as const;
export type FlowModCommand = keyof typeof flowModCommands;

/** @see OpenFlow 1.3.5, 7.3.4.1 (ofp_flow_mod_flags) */
export const flowModFlags = bits(u16, {
  sendFlowRemoved: 0,
  checkOverlap: 1,
  resetCounts: 2,
  noPacketCounts: 3,
  noByteCounts: 4,
});

/** Adds, changes or removes flows. @see OpenFlow 1.3.5, 7.3.4.1 (ofp_flow_mod) */
export const flowModFields = {
  cookie: withDefault(u64, 0n),
  /** Which bits of the cookie a modified or deleted flow must share; 0 for none. */
  cookieMask: withDefault(u64, 0n),
  tableId: u8,
  command: openEnumOf(u8, flowModCommands),
  idleTimeoutSec: withDefault(u16, 0),
  hardTimeoutSec: withDefault(u16, 0),
  priority: withDefault(u16, 0x8000),
  bufferId: withDefault(u32, noBuffer),
  outPort: withDefault(portNo, Port.any),
  outGroup: withDefault(u32, Group.any),
  flags: withDefault(flowModFlags, {}),
  _: pad(2),
  match: withDefault(match, {}),
  instructions: withDefault(instructions, []),
};

export type FlowMod = { readonly kind: "flowMod" } & StructInput<typeof flowModFields>;

/**
 * The message that adds `flow` in the place of one with the same key, gives the flow with its key its instructions, or
 * removes it. A change keeps the cookie and the counters of the flow that is there, and does nothing where there is
 * none; adding replaces all.
 */
export function flowMod(command: "add" | "modify-strict" | "delete-strict", flow: Flow): FlowMod {
  const { tableId, priority, cookie, match, instructions } = flow;
  const key = { kind: "flowMod", command, tableId, priority, match } as const;
  return command === "delete-strict" ? key : { ...key, cookie, instructions };
}
