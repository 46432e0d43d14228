import { type InputOf, listToEnd, pad, tlv, u16, u32, u64, u8, type ValueOf, variants } from "@loomstack/wire";
import { actions } from "./actions.ts";

const actionList = { _: pad(4), actions };

/** @see OpenFlow 1.3.5, 7.2.4 (ofp_instruction_type) */
export const standardInstructions = variants({
  gotoTable: [1, { tableId: u8, _: pad(3) }],
  writeMetadata: [2, { _: pad(4), metadata: u64, mask: u64 }],
  writeActions: [3, actionList],
  applyActions: [4, actionList],
  clearActions: [5, { _: pad(4) }],
  meter: [6, { meterId: u32 }],
});

export const instruction = tlv({ type: u16, length: u16, alignTo: 8, lengthCountsPadding: true }, standardInstructions);
export const instructions = listToEnd(instruction);

/** What a flow does with its packets. An instruction that isn't known is kept as `{ kind: "unknown" }`. */
export type Instruction = InputOf<typeof instruction>;
/** Instructions as they are read: everything that has a default is there. */
export type ReceivedInstructions = ValueOf<typeof instructions>;
