import type { Answer } from "../../controller-client.ts";
import type { CommandIo } from "../../io.ts";
import { escapeControls } from "../../render/control-characters.ts";
import { formatJson } from "../../render/json.ts";
import { formatSheets, type PresentationOptions, presentationOf } from "../../render/presentation.ts";
import type { Sheet } from "../../render/sheet.ts";

/** What stands in a cell; null and undefined are left empty. */
export type Cell = string | number | boolean | null | undefined | readonly string[];

/** Prints an answer: as JSON as it came, or as sheets. */
export async function printAnswer<Value>(
  io: CommandIo,
  options: PresentationOptions,
  { json, value }: Answer<Value>,
  sheetsOf: (value: Value) => readonly Sheet[],
): Promise<void> {
  const presentation = presentationOf(options, io);
  await io.output.write(
    presentation.format === "json"
      ? formatJson(json, presentation.isPretty)
      : formatSheets(sheetsOf(value), presentation),
  );
}

/** A sheet of cells whose text switches and people choose. */
export function sheetOf(headings: readonly string[], rows: readonly (readonly Cell[])[], caption?: string): Sheet {
  const texts = rows.map((row) => row.map(textOf));
  return { headings, rows: texts, ...(caption === undefined ? {} : { caption }) };
}

function textOf(cell: Cell): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell === "boolean") return cell ? "yes" : "no";
  return escapeControls(typeof cell === "object" ? cell.join(",") : String(cell));
}
