import type { TraceAnswer } from "@loomstack/api";
import type { Sheet } from "../../render/sheet.ts";
import { type Cell, sheetOf } from "../switches/answer-text.ts";

/** The packet's way, table by table, and what came of it. */
export function traceSheets({ packet, bytes, remark, steps, verdict }: TraceAnswer): readonly Sheet[] {
  const headings = ["Hypervisor", "Bridge", "Table", "What happens", "For", "Why", "Flow"];
  const rows = steps.map(({ depth, hypervisor, bridge, table, remarks, owner, why, flow }) => {
    const place = `${"  ".repeat(depth)}${hypervisor}`;
    return [place, bridge, table, remarks.join("; ") || "goes on", owner, why, flow];
  });
  const remarks: readonly (readonly Cell[])[] = remark === null ? [] : [["remark", remark]];
  const outcome: readonly (readonly Cell[])[] = [["packet", packet], ["bytes", String(bytes)], ...remarks];
  return [
    sheetOf(["Property", "Value"], [...outcome, ["verdict", verdict]]),
    ...(rows.length === 0 ? [] : [sheetOf(headings, rows, "Its way")]),
  ];
}
