import { either, listToEnd, pad, tlv, u16, u32, u8, type InputOf, variants, withDefault } from "@loomstack/wire";
import { niciraActions } from "../nicira/actions.ts";
import { portNo } from "./ports.ts";
import { fieldAssignment } from "./set-field.ts";

/** Send the controller the whole packet, and keep it in no buffer. @see OpenFlow 1.3.5, 7.2.5 (OFPCML_NO_BUFFER) */
export const wholePacket = 0xffff;

/** @see OpenFlow 1.3.5, 7.2.5 (ofp_action_type) */
const standardActions = variants({
  /** `maxLen`: bytes of the packet for the controller; it means nothing for other ports. */
  output: [0, { port: portNo, maxLen: withDefault(u16, wholePacket), _: pad(6) }],
  copyTtlOut: [11, { _: pad(4) }],
  copyTtlIn: [12, { _: pad(4) }],
  setMplsTtl: [15, { mplsTtl: u8, _: pad(3) }],
  decMplsTtl: [16, { _: pad(4) }],
  pushVlan: [17, { etherType: u16, _: pad(2) }],
  popVlan: [18, { _: pad(4) }],
  pushMpls: [19, { etherType: u16, _: pad(2) }],
  popMpls: [20, { etherType: u16, _: pad(2) }],
  setQueue: [21, { queueId: u32 }],
  group: [22, { groupId: u32 }],
  setNwTtl: [23, { nwTtl: u8, _: pad(3) }],
  decNwTtl: [24, { _: pad(4) }],
  setField: [25, fieldAssignment],
  pushPbb: [26, { etherType: u16, _: pad(2) }],
  popPbb: [27, { _: pad(4) }],
});

export const action = tlv(
  { type: u16, length: u16, alignTo: 8, lengthCountsPadding: true },
  either(standardActions, niciraActions),
);
export const actions = listToEnd(action);

/** What to do with a packet. An action that isn't known is kept as `{ kind: "unknown" }`. */
export type Action = InputOf<typeof action>;
