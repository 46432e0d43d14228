/** Actions of OpenFlow 1.5 that the Open Networking Foundation brought to 1.3. @see ONF extension 320 */
import { copyField } from "../nicira/field-actions.ts";
import { action } from "../text/action-text.ts";
import { formatMove } from "../text/format-fields.ts";

export const onfRows = {
  /** As Nicira's move, with fields by the numbers that matches have. */
  copyField: action(3200, copyField, (t) => t.own("move", formatMove)),
};
