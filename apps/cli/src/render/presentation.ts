import type { CommandIo } from "../io.ts";
import { formatCsv } from "./csv.ts";
import { formatList } from "./list.ts";
import type { Sheet, SheetStyle } from "./sheet.ts";
import { formatTable, tableWidth } from "./table.ts";

export const formats = ["table", "list", "csv", "json"] as const;
export type Format = (typeof formats)[number];

/** What the person has asked for, as commander gives it. */
export interface PresentationOptions {
  readonly format?: Format;
  readonly json?: boolean;
  readonly pretty?: boolean;
  readonly headings: boolean;
  readonly color: boolean;
}

export interface Presentation extends SheetStyle {
  /** `auto`: a table, or a list where the table is wider than the terminal. */
  readonly format: Format | "auto";
  readonly isPretty: boolean;
  /** The columns of the terminal; undefined when it isn't one. */
  readonly columns: number | undefined;
}

/** Colours only for a terminal whose person doesn't refuse them (no-color.org). */
export function presentationOf(
  options: PresentationOptions,
  io: Pick<CommandIo, "output" | "isColourRefused">,
): Presentation {
  return {
    format: options.json === true ? "json" : (options.format ?? "auto"),
    isPretty: options.pretty ?? false,
    hasHeadings: options.headings,
    isColoured: io.output.isTty && options.color && !io.isColourRefused,
    columns: io.output.columns,
  };
}

/** A sheet as text. JSON isn't made of sheets: who has one decides what it holds. */
export function formatSheet(sheet: Sheet, presentation: Presentation): string {
  switch (presentation.format) {
    case "list":
      return formatList(sheet, presentation);
    case "csv":
      return formatCsv(sheet, presentation);
    case "table":
      return formatTable(sheet, presentation);
    default: {
      const isTooWide = presentation.columns !== undefined && tableWidth(sheet, presentation) > presentation.columns;
      return isTooWide ? formatList(sheet, presentation) : formatTable(sheet, presentation);
    }
  }
}

/** Sheets one after the other, with an empty line between them. */
export function formatSheets(sheets: readonly Sheet[], presentation: Presentation): string {
  return sheets.map((sheet) => formatSheet(sheet, presentation)).join("\n");
}
