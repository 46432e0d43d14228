import { bits, mapped, struct, u16, u32, u64, type ValueOf, withDefault } from "@loomstack/wire";
import { type FlowMod, type FlowModCommand, flowModCommands } from "../../of13/messages/flow-mod.ts";
import { allTables, Group, noBuffer, Port, shortPortNo } from "../../of13/ports.ts";
import { unsayable } from "../../version/version.ts";
import { actions10 } from "../actions.ts";
import { instructionsOf, actionsOf } from "../instructions.ts";
import { match10 } from "../match.ts";

/** @see OpenFlow 1.0.0, 5.3.3 (ofp_flow_mod_flags) */
export const flowModFlags10 = bits(u16, { sendFlowRemoved: 0, checkOverlap: 1 });

const flowMod = struct({
  match: match10,
  cookie: withDefault(u64, 0n),
  /** With Nicira's flow_mod_table_id, the high byte is a table. */
  commandAndTable: u16,
  idleTimeoutSec: withDefault(u16, 0),
  hardTimeoutSec: withDefault(u16, 0),
  priority: withDefault(u16, 0x8000),
  bufferId: withDefault(u32, noBuffer),
  outPort: withDefault(shortPortNo, Port.any),
  flags: withDefault(flowModFlags10, {}),
  actions: actions10,
});

type Given = Omit<FlowMod, "kind">;
const names = Object.entries(flowModCommands);

/** Adds, changes or removes flows. @see OpenFlow 1.0.0, 5.3.3 (ofp_flow_mod) */
export const flowMod10 = mapped(flowMod, {
  decode: ({ commandAndTable, actions, ...rest }) => ({
    ...rest,
    tableId: commandAndTable >> 8,
    command: commandOf(commandAndTable & 0xff),
    cookieMask: 0n,
    outGroup: Group.any,
    instructions: instructionsOf(actions, rest.match),
  }),
  encode: (given: Given) => {
    checkFilter(given);
    const { command, tableId, match = {}, instructions = [], flags = {}, ...rest } = given;
    const number = typeof command === "number" ? command : flowModCommands[command];
    if (number > 0xff) throw unsayable("1.0", `the command ${number}`);
    const actions = actionsOf(instructions, match);
    return { ...rest, match, flags: checkedFlags(flags), commandAndTable: tableId * 256 + number, actions };
  },
});

/**
 * The table that the switch is told. Without the extension it is none: a switch with several tables then chooses where a
 * flow is added, and changes and removes flows in all of them.
 *
 * @throws OPENFLOW__UNSUPPORTED_BY_VERSION for a table that can't be told
 */
export function tableToSay(tableId: number, flowModTableId: boolean): number {
  if (flowModTableId) return tableId;
  if (tableId === 0 || tableId === allTables) return 0;
  throw unsayable("1.0", `table ${tableId}, for the switch doesn't have Nicira's flow_mod_table_id`);
}

function commandOf(number: number): FlowModCommand | number {
  return (names.find(([, value]) => value === number)?.[0] as FlowModCommand | undefined) ?? number;
}

/** What OpenFlow 1.0 can't restrict the flows by that it changes or tells of. */
export function checkFilter(filter: {
  readonly cookieMask?: bigint | undefined;
  readonly outGroup?: number | undefined;
}): void {
  if ((filter.cookieMask ?? 0n) !== 0n) throw unsayable("1.0", "flows by their cookie");
  if ((filter.outGroup ?? Group.any) !== Group.any) throw unsayable("1.0", "flows by a group");
}

function checkedFlags(flags: NonNullable<Given["flags"]>): ValueOf<typeof flowModFlags10> {
  const { resetCounts, noPacketCounts, noByteCounts, ...rest } = flags;
  if (resetCounts === true || noPacketCounts === true || noByteCounts === true)
    throw unsayable("1.0", "a flow mod's flags about counters");
  return rest;
}
