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
  type InputOf,
  type ValueOf,
  variants,
  withDefault,
} from "@loomstack/wire";
import { nicira, niciraRowsWith } from "../nicira/actions.ts";
import { onfRows } from "../onf/actions.ts";
import { onf } from "../onf/onf.ts";
import { action as row, type ActionText } from "../text/action-text.ts";
import { formatSetField } from "../text/format-fields.ts";
import { portName, reservedPortName } from "../text/names.ts";
import { decimal, hex16, hexadecimal, ipv4Address, macAddress } from "../text/values.ts";
import { ipv4, mac } from "./field-types.ts";
import { Port, portNo } from "./ports.ts";
import { fieldAssignment } from "./set-field.ts";

/** Send the controller the whole packet, and keep it in no buffer. @see OpenFlow 1.3.5, 7.2.5 (OFPCML_NO_BUFFER) */
export const wholePacket = 0xffff;

const none = { _: pad(4) };
const oneByte = pad(3);
const twoBytes = pad(2);

/** @see OpenFlow 1.3.5, 7.2.5 (ofp_action_type) */
export const standardRows = {
  /** `maxLen`: bytes of the packet for the controller; it means nothing for other ports. */
  output: row(0, { port: portNo, maxLen: withDefault(u16, wholePacket), _: pad(6) }, (t) =>
    t.own(["output", "CONTROLLER"], ({ port, maxLen }, { names }) => {
      if (port === Port.controller) return `CONTROLLER:${maxLen ?? wholePacket}`;
      return reservedPortName(port) ?? `output:${portName(port, names)}`;
    }),
  ),
  copyTtlOut: row(11, none, (t) => t.word("copy_ttl_out")),
  copyTtlIn: row(12, none, (t) => t.word("copy_ttl_in")),
  setMplsTtl: row(15, { mplsTtl: u8, _: oneByte }, (t) => t.parentheses("set_mpls_ttl", "mplsTtl", decimal)),
  decMplsTtl: row(16, none, (t) => t.word("dec_mpls_ttl")),
  pushVlan: row(17, { etherType: u16, _: twoBytes }, (t) => t.colon("push_vlan", "etherType", hexadecimal)),
  popVlan: row(18, none, (t) => t.word("pop_vlan")),
  pushMpls: row(19, { etherType: u16, _: twoBytes }, (t) => t.colon("push_mpls", "etherType", hex16)),
  popMpls: row(20, { etherType: u16, _: twoBytes }, (t) => t.colon("pop_mpls", "etherType", hex16)),
  setQueue: row(21, { queueId: u32 }, (t) => t.colon("set_queue", "queueId", decimal)),
  group: row(22, { groupId: u32 }, (t) => t.colon("group", "groupId", decimal)),
  setNwTtl: row(23, { nwTtl: u8, _: oneByte }, (t) => t.colon("mod_nw_ttl", "nwTtl", decimal)),
  decNwTtl: row(24, none, (t) => t.word("dec_ttl")),
  setField: row(25, fieldAssignment, (t) => t.own("set_field", formatSetField)),
  pushPbb: row(26, { etherType: u16, _: twoBytes }, (t) => t.colon("push_pbb", "etherType", hex16)),
  popPbb: row(27, none, (t) => t.word("pop_pbb")),
};

/**
 * What OpenFlow 1.1 had instead of setField. Open vSwitch takes them still; others needn't. @see OpenFlow 1.1.0, A.2.5
 */
const olderRows = {
  setVlanVid: row(1, { vlanVid: u16, _: twoBytes }, (t) => t.colon("set_vlan_vid", "vlanVid", decimal)),
  setVlanPcp: row(2, { vlanPcp: u8, _: oneByte }, (t) => t.colon("set_vlan_pcp", "vlanPcp", decimal)),
  setDlSrc: row(3, { address: mac.codec, _: pad(6) }, (t) => t.colon("mod_dl_src", "address", macAddress)),
  setDlDst: row(4, { address: mac.codec, _: pad(6) }, (t) => t.colon("mod_dl_dst", "address", macAddress)),
  setNwSrc: row(5, { address: ipv4.codec }, (t) => t.colon("mod_nw_src", "address", ipv4Address)),
  setNwDst: row(6, { address: ipv4.codec }, (t) => t.colon("mod_nw_dst", "address", ipv4Address)),
  /** The lowest two bits, which are those of nwEcn, are zero. */
  setNwTos: row(7, { nwTos: u8, _: oneByte }, (t) => t.colon("mod_nw_tos", "nwTos", decimal)),
  setNwEcn: row(8, { nwEcn: u8, _: oneByte }, (t) => t.colon("mod_nw_ecn", "nwEcn", decimal)),
  setTpSrc: row(9, { port: u16, _: twoBytes }, (t) => t.colon("mod_tp_src", "port", decimal)),
  setTpDst: row(10, { port: u16, _: twoBytes }, (t) => t.colon("mod_tp_dst", "port", decimal)),
  setMplsLabel: row(13, { mplsLabel: u32 }, (t) => t.parentheses("set_mpls_label", "mplsLabel", decimal)),
  setMplsTc: row(14, { mplsTc: u8, _: oneByte }, (t) => t.parentheses("set_mpls_tc", "mplsTc", decimal)),
};

const openFlowRows = { ...standardRows, ...olderRows };

/** How deep actions may be in actions: as many levels as ovs-ofctl reads. */
const mostNesting = 100;
const nestedActions: Codec<ActionList> = nested(mostNesting, () => actions);

const experimenter = 0xffff;
const niciraRows = niciraRowsWith(nestedActions);
const niciraActions = inside(experimenter, u32, inside(nicira, u16, variants(niciraRows)));
const onfActions = inside(experimenter, u32, inside(onf, u16, variants(onfRows)));

export const action = tlv(
  { type: u16, length: u16, alignTo: 8, lengthCountsPadding: true },
  either(variants(openFlowRows), either(niciraActions, onfActions)),
);
export const actions = listToEnd(action);

/** What to do with a packet. An action that isn't known is kept as `{ kind: "unknown" }`. */
export type Action = InputOf<typeof action>;
/** Actions as they are read: everything that has a default is there. */
export type ReceivedActions = ValueOf<typeof actions>;
// An alias of its own: the compiler looks into it only once it knows what an action is.
export type ActionList = readonly Action[];

/** How ovs-ofctl writes the actions, by their kind. */
export const actionTexts: ReadonlyMap<string, ActionText<never>> = new Map(
  Object.entries({ ...openFlowRows, ...niciraRows, ...onfRows }).map(([kind, [, , text]]) => [kind, text]),
);
