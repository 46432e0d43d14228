import { u16, withDefault } from "@loomstack/wire";
import { flowModFields } from "../../of13/messages/flow-mod.ts";
import { instructions15 } from "../instructions.ts";

const { _, match, instructions: _1, ...beginning } = flowModFields;

/** Adds, changes or removes flows. @see OpenFlow 1.5.1, 7.3.4.2 (ofp_flow_mod) */
export const flowModFields15 = {
  ...beginning,
  /** Which flows a full table loses first: those of little importance. */
  importance: withDefault(u16, 0),
  match,
  instructions: withDefault(instructions15, []),
};
