/** What actions may be where. @see ovs-actions(7) */
import type { Action } from "../../of13/actions.ts";
import type { FieldName } from "../../of13/oxm.ts";
import type { ReadContext } from "./action-reader.ts";
import { refused, type TextSlice } from "./text-slice.ts";

/** What the tracker keeps for a connection. */
const connectionFields: readonly FieldName[] = ["ctMark", "ctLabel"];

/** @throws OPENFLOW__INVALID_TEXT for an action that can't be in such a list */
export function checkActions(actions: readonly Action[], { place }: ReadContext, slice: TextSlice): readonly Action[] {
  for (const action of actions) {
    const field = targetOf(action);
    if (place !== "ct" && field !== undefined && connectionFields.includes(field))
      throw refused(slice, "changes a connection", "it inside of ct(commit,exec(…))");
    if (place !== "ct") continue;
    if (action.kind !== "nat" && (field === undefined || !connectionFields.includes(field)))
      throw refused(slice, "can't be done to a connection", "set_field, load and move to ct_mark and ct_label");
  }
  return actions;
}

/** The field that an action changes. */
function targetOf(action: Action): FieldName | undefined {
  switch (action.kind) {
    case "setField":
    case "setFieldMasked":
      return action.field;
    case "load":
    case "move":
      return action.to.field;
    default:
      return undefined;
  }
}
