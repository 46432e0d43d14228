/**
 * Being told of every change of a switch's flows, whoever makes it. @see ONF extension 187 for OpenFlow 1.3.X; OpenFlow
 * 1.4.0, 7.3.5.17. The bytes are those of Open vSwitch, where requests and full updates carry the length of their match
 * besides the match's own.
 */
import {
  bits,
  type Codec,
  encode,
  inside,
  listToEnd,
  mapped,
  openEnumOf,
  pad,
  sized,
  struct,
  tagged,
  u16,
  u32,
  u64,
  u8,
  type UnknownVariant,
  type ValueOf,
  variants,
  type VariantsInput,
  type VariantsValue,
  withDefault,
} from "@loomstack/wire";
import { instructions } from "../of13/instructions.ts";
import { type Match, match } from "../of13/match.ts";
import { flowRemovedReasons } from "../of13/messages/flow-removed.ts";
import { allTables, Port, portNo } from "../of13/ports.ts";
import { onf } from "./onf.ts";

const multipartExperimenter = 0xffff;
const flowMonitorType = 1870;

/**
 * `initial`: the flows that are there, first; `actions`: the instructions, too; `own`: in full also what the asking
 * connection does.
 */
const monitorFlags = bits(u16, { initial: 0, add: 1, delete: 2, modify: 3, actions: 4, own: 5 });

const request = withMatchLength(
  struct({
    monitorId: u32,
    flags: monitorFlags,
    matchLength: u16,
    outPort: withDefault(portNo, Port.any),
    tableId: withDefault(u8, allTables),
    _: pad(3),
    match: withDefault(match, {}),
  }),
);

const fullUpdate = withMatchLength(
  struct({
    reason: openEnumOf(u16, flowRemovedReasons),
    priority: u16,
    idleTimeoutSec: u16,
    hardTimeoutSec: u16,
    matchLength: u16,
    tableId: u8,
    _: pad(1),
    cookie: u64,
    match,
    instructions,
  }),
);

const updates = variants({
  added: [0, fullUpdate],
  deleted: [1, fullUpdate],
  modified: [2, fullUpdate],
  /** Something that this connection did itself, by the message with this transaction id. */
  abbreviated: [3, { xid: u32 }],
});

const update: Codec<VariantsValue<typeof updates> | UnknownVariant, VariantsInput<typeof updates> | UnknownVariant> =
  sized(u16, tagged(u16, updates), {
    countsItself: true,
  });

export const flowMonitorRequest = inside(
  multipartExperimenter,
  u32,
  inside(onf, u32, variants({ flowMonitor: [flowMonitorType, request] })),
);

export const flowMonitorReply = inside(
  multipartExperimenter,
  u32,
  inside(onf, u32, variants({ flowMonitor: [flowMonitorType, { updates: listToEnd(update) }] })),
);

/** One change of a switch's flows. `reason` says why a flow was deleted; it means nothing for the other kinds. */
export type FlowUpdate = ValueOf<typeof update>;

/** A struct whose `matchLength` is computed from its `match`. */
function withMatchLength<
  Value extends { readonly matchLength: number },
  Input extends { readonly matchLength: number; readonly match?: Match | undefined },
>(codec: Codec<Value, Input>): Codec<Omit<Value, "matchLength">, Omit<Input, "matchLength">> {
  return mapped(codec, {
    decode: ({ matchLength: _, ...value }) => value,
    encode: (value: Omit<Input, "matchLength">) => ({ ...value, matchLength: lengthOf(value.match ?? {}) }) as Input,
  });
}

/** The length in ofp_match's header, which doesn't count the padding. */
function lengthOf(value: Match): number {
  const bytes = encode(match, value, "match");
  return ((bytes[2] ?? 0) << 8) + (bytes[3] ?? 0);
}
