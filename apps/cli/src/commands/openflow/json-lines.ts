import { toPlain } from "@loomstack/openflow";
import { escapeControls } from "../../render/control-characters.ts";

/** A line of JSON for each value, in the form that messages have in `decode`. */
export function jsonLines(values: readonly unknown[]): string {
  return values.map((value) => `${escapeControls(JSON.stringify(toPlain(value)))}\n`).join("");
}
