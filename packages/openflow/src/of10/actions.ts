/**
 * The actions of OpenFlow 1.0, and Nicira's. Fields are set by an action each instead of setField.
 *
 * @see OpenFlow 1.0.0, 5.2.4; ovs-actions(7)
 */
import {
  type Codec,
  either,
  inside,
  listToEnd,
  nested,
  pad,
  tlv,
  u16,
  u32,
  u8,
  variants,
  type VariantsInput,
  withDefault,
} from "@loomstack/wire";
import { nicira, niciraRowsWith } from "../nicira/actions.ts";
import { controller2 } from "../nicira/controller.ts";
import { type Action, type ActionList, type ReceivedActions, wholePacket } from "../of13/actions.ts";
import { ipv4, mac } from "../of13/field-types.ts";
import { shortPortNo } from "../of13/ports.ts";
import { unsayable } from "../version/version.ts";
import { keptIfUnreadable } from "./kept-if-unreadable.ts";
import { setFieldAction } from "./set-field.ts";

const oneByte = pad(3);
const twoBytes = pad(2);

/** @see OpenFlow 1.0.0, 5.2.4 (ofp_action_type) */
const standardActions = variants({
  output: [0, { port: shortPortNo, maxLen: withDefault(u16, wholePacket) }],
  /** Gives a tag to a packet that has none. */
  setVlanVid: [1, { vlanVid: u16, _: twoBytes }],
  setVlanPcp: [2, { vlanPcp: u8, _: oneByte }],
  popVlan: [3, { _: pad(4) }],
  setDlSrc: [4, { address: mac.codec, _: pad(6) }],
  setDlDst: [5, { address: mac.codec, _: pad(6) }],
  setNwSrc: [6, { address: ipv4.codec }],
  setNwDst: [7, { address: ipv4.codec }],
  setNwTos: [8, { nwTos: u8, _: oneByte }],
  setTpSrc: [9, { port: u16, _: twoBytes }],
  setTpDst: [10, { port: u16, _: twoBytes }],
});

/** What later versions have actions of their own for, with Nicira's numbers. */
const olderNicira = variants({
  setQueue: [4, { _: twoBytes, queueId: u32 }],
  decNwTtl: [18, { _: pad(6) }],
  pushMpls: [23, { etherType: u16, _: pad(4) }],
  popMpls: [24, { etherType: u16, _: pad(4) }],
  setMplsTtl: [25, { mplsTtl: u8, _: pad(5) }],
  decMplsTtl: [26, { _: pad(6) }],
  setMplsLabel: [30, { _: twoBytes, mplsLabel: u32 }],
  setMplsTc: [31, { mplsTc: u8, _: pad(5) }],
  group: [40, { _: twoBytes, groupId: u32 }],
});

const mostNesting = 100;
const nestedActions: Codec<ActionList> = nested(mostNesting, () => actions10);

/**
 * Open vSwitch 3.1 pads this action's properties to eight bytes of the message, not of the action, and the actions of
 * flow statistics aren't aligned to that in OpenFlow 1.0.
 */
const oftenUnreadable = variants({ controller2: [37, keptIfUnreadable(controller2)] });
// Open vSwitch has those about packet types in later versions only.
const { controller2: _, encap: _1, decap: _2, decNshTtl: _3, ...others } = niciraRowsWith(nestedActions);

const family = either(
  standardActions,
  inside(0xffff, u32, inside(nicira, u16, either(olderNicira, either(oftenUnreadable, variants(others))))),
);
const list = listToEnd(tlv({ type: u16, length: u16, alignTo: 8, lengthCountsPadding: true }, family));

/** @throws OPENFLOW__UNSUPPORTED_BY_VERSION for an action that OpenFlow 1.0 doesn't have, before a byte is written */
export const actions10: Codec<ReceivedActions, ActionList> = {
  read: list.read,
  write: (writer, actions) => list.write(writer, actions.map(sayable)),
};

function sayable(
  action: Action,
): Exclude<VariantsInput<typeof family>, undefined> | Extract<Action, { kind: "unknown" }> {
  const said = action.kind === "setField" ? setFieldAction(action) : action;
  if (isSayable(said)) return said;
  throw unsayable("1.0", `the action ${action.kind}`);
}

function isSayable(action: Action): action is VariantsInput<typeof family> | Extract<Action, { kind: "unknown" }> {
  return action.kind === "unknown" || family.kinds.has(action.kind);
}
