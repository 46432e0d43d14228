import type { Sheet, SheetStyle } from "./sheet.ts";
import { bold } from "./table.ts";
import { widthOf } from "./width.ts";

/** One line for each cell and an empty line between rows: for rows that are too long for a table. */
export function formatList({ caption, headings, rows }: Sheet, { hasHeadings, isColoured }: SheetStyle): string {
  const width = Math.max(...headings.map(widthOf), 0);
  const labels = headings.map((heading) => {
    const label = heading + " ".repeat(width - widthOf(heading));
    return isColoured ? bold(label) : label;
  });
  const formatRow = (cells: readonly string[]): string =>
    cells.map((cell, index) => (hasHeadings ? `${labels[index] ?? ""} : ${cell}\n` : `${cell}\n`)).join("");
  const title = caption === undefined ? "" : `${isColoured ? bold(caption) : caption}\n`;
  return `${title}${rows.map(formatRow).join("\n")}`;
}
