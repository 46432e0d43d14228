import { styleText } from "node:util";
import type { Sheet, SheetStyle } from "./sheet.ts";
import { widthOf } from "./width.ts";

/** How many columns of a terminal the table of a sheet takes. */
export function tableWidth(sheet: Sheet, style: SheetStyle): number {
  return columnWidths(sheet, style).reduce((sum, width) => sum + width + 1, -1);
}

/** Columns under underlined headings, as ovsdb-client(1) prints them. Each line ends with a line end. */
export function formatTable(sheet: Sheet, style: SheetStyle): string {
  const widths = columnWidths(sheet, style);
  const lines = sheet.rows.map((row) => formatLine(row, widths));
  if (style.hasHeadings) {
    const headings = formatLine(sheet.headings, widths);
    lines.unshift(style.isColoured ? bold(headings) : headings, widths.map((width) => "-".repeat(width)).join(" "));
  }
  if (sheet.caption !== undefined) lines.unshift(style.isColoured ? bold(sheet.caption) : sheet.caption);
  return lines.map((line) => `${line}\n`).join("");
}

/** Bold letters, whatever standard output is: who calls has decided. */
export function bold(text: string): string {
  return styleText("bold", text, { validateStream: false });
}

function columnWidths({ headings, rows }: Sheet, { hasHeadings }: SheetStyle): readonly number[] {
  const widths = headings.map((heading) => (hasHeadings ? widthOf(heading) : 0));
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, widthOf(cell))));
  return widths;
}

function formatLine(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, index) => cell + " ".repeat((widths[index] ?? 0) - widthOf(cell)))
    .join(" ")
    .trimEnd();
}
