/**
 * The actions of OpenFlow 1.5: setField may have a mask, copyField is a standard one, and both stand in for Nicira's
 * older ones, which Open vSwitch doesn't take any more.
 *
 * @see OpenFlow 1.5.1, 7.2.6
 */
import {
  type Codec,
  either,
  inside,
  listToEnd,
  nested,
  tlv,
  u16,
  u32,
  type Variants,
  variants,
  type VariantsInput,
} from "@loomstack/wire";
import { nicira, niciraRowsWith } from "../nicira/actions.ts";
import { moveIn } from "../nicira/field-actions.ts";
import { type Action, type ActionList, type ReceivedActions, standardRows } from "../of13/actions.ts";
import { unsayable } from "../version/version.ts";
import { type AnyAssignment, anyAssignment, assignmentOf, loadAssignment } from "./set-field.ts";

/** @see OpenFlow 1.5.1, 7.2.6.7 (OFPAT_SET_FIELD) */
const setField: Variants<AnyAssignment, AnyAssignment> = {
  kinds: new Set(["setField", "setFieldMasked"]),
  formOf: (kind) => (kind.startsWith("setField") ? { tag: 25, writeBody: anyAssignment.write } : undefined),
  readBody: (reader, tag) => (tag === 25 ? anyAssignment.read(reader) : undefined),
};

/** @see OpenFlow 1.5.1, 7.2.6.8 (ofp_action_copy_field) */
const copyField = variants({ copyField: [28, moveIn("of13", { before: 0, behind: 2 })] });

const { setField: _, ...otherRows } = standardRows;

const mostNesting = 100;
const nestedActions: Codec<ActionList> = nested(mostNesting, () => actions15);

// What setField and copyField stand in for.
const { move: _1, load: _2, setFieldMasked: _3, ...otherNiciraRows } = niciraRowsWith(nestedActions);

const family = either(
  either(setField, copyField),
  either(variants(otherRows), inside(0xffff, u32, inside(nicira, u16, variants(otherNiciraRows)))),
);
const list = listToEnd(tlv({ type: u16, length: u16, alignTo: 8, lengthCountsPadding: true }, family));

/** @throws OPENFLOW__UNSUPPORTED_BY_VERSION for an action that OpenFlow 1.5 doesn't have */
export const actions15: Codec<ReceivedActions, ActionList> = {
  read: list.read,
  write: (writer, actions) => list.write(writer, actions.map(sayable)),
};

type Sayable = VariantsInput<typeof family> | Extract<Action, { readonly kind: "unknown" }>;

function sayable(action: Action): Sayable {
  const said = newer(action);
  if (isSayable(said)) return said;
  throw unsayable("1.5", `the action ${action.kind}`);
}

/** What OpenFlow 1.5 says in another way than the versions before it. */
function newer(action: Action): Action {
  switch (action.kind) {
    case "move":
      return { ...action, kind: "copyField" };
    case "load":
      return loadAssignment(action.to, action.value);
    default:
      return assignmentOf(action) ?? action;
  }
}

function isSayable(action: Action): action is Sayable {
  return action.kind === "unknown" || family.kinds.has(action.kind);
}
