import type { Sheet, SheetStyle } from "./sheet.ts";

/** RFC 4180, with line ends as the rest of the output has them. */
export function formatCsv(
  { caption, headings, rows }: Sheet,
  { hasHeadings }: Pick<SheetStyle, "hasHeadings">,
): string {
  const lines = [...(caption === undefined ? [] : [[caption]]), ...(hasHeadings ? [headings] : []), ...rows];
  return lines.map((cells) => `${cells.map(formatCell).join(",")}\n`).join("");
}

function formatCell(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
