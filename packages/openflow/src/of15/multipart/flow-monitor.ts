/** Being told of every change of a switch's flows, whoever makes it. @see OpenFlow 1.5.1, 7.3.5.18 */
import {
  bits,
  type Codec,
  constant,
  listToEnd,
  mapped,
  openEnumOf,
  pad,
  sized,
  tagged,
  u16,
  u32,
  u64,
  u8,
  type ValueOf,
  variants,
  withDefault,
} from "@loomstack/wire";
import { match } from "../../of13/match.ts";
import { flowRemovedReasons } from "../../of13/messages/flow-removed.ts";
import { allTables, Group, Port, portNo } from "../../of13/ports.ts";
import type { FlowUpdate } from "../../onf/flow-monitor.ts";
import { instructions15 } from "../instructions.ts";

export const flowMonitorRequestFields15 = {
  monitorId: u32,
  outPort: withDefault(portNo, Port.any),
  /** Flows whichever group they lead to. */
  _: constant(u32, Group.any),
  flags: bits(u16, { initial: 0, add: 1, delete: 2, modify: 3, actions: 4, own: 5 }),
  tableId: withDefault(u8, allTables),
  _2: constant(u8, 0),
  match: withDefault(match, {}),
};

const full = {
  tableId: u8,
  reason: openEnumOf(u8, flowRemovedReasons),
  idleTimeoutSec: u16,
  hardTimeoutSec: u16,
  priority: u16,
  _: pad(4),
  cookie: u64,
  match,
  instructions: instructions15,
};

const updates = variants({
  initial: [0, full],
  added: [1, full],
  deleted: [2, full],
  modified: [3, full],
  abbreviated: [4, { xid: u32 }],
});
const update = sized(u16, tagged(u16, updates), { countsItself: true });

/** A flow that was there when the monitor began is told as one that was added. */
type Update15 = FlowUpdate & { readonly isInitial?: boolean };

const flowUpdate: Codec<Update15> = mapped(update, {
  decode: (value: ValueOf<typeof update>): Update15 =>
    value.kind === "initial" ? { ...value, kind: "added", isInitial: true } : value,
  encode: (value: Update15) =>
    value.kind === "added" && value.isInitial === true ? { ...value, kind: "initial" as const } : value,
});

export const flowMonitorReplyFields15 = { updates: listToEnd(flowUpdate) };
