import type { TraceAnswer } from "@loomstack/api";
import type { Sheet } from "../../render/sheet.ts";
import { type Cell, sheetOf } from "../switches/answer-text.ts";

/** The packet's way, table by table, and what came of it. */
export function traceSheets({ packet, bytes, remark, steps, verdict, live }: TraceAnswer): readonly Sheet[] {
  const headings = ["Hypervisor", "Bridge", "Table", "What happens", "For", "Why", "Flow"];
  const rows = steps.map(({ depth, hypervisor, bridge, table, remarks, owner, why, flow }) => {
    const place = `${"  ".repeat(depth)}${hypervisor}`;
    return [place, bridge, table, remarks.join("; ") || "goes on", owner, why, flow];
  });
  const remarks: readonly (readonly Cell[])[] = remark === null ? [] : [["remark", remark]];
  const outcome: readonly (readonly Cell[])[] = [["packet", packet], ["bytes", String(bytes)], ...remarks];
  return [
    sheetOf(["Property", "Value"], [...outcome, ...sentOf(live), ["verdict", verdict]]),
    ...(rows.length === 0 ? [] : [sheetOf(headings, rows, "Its way")]),
    ...(live === null ? [] : [seenSheet(live)]),
  ];
}

function sentOf(live: TraceAnswer["live"]): readonly (readonly Cell[])[] {
  if (live === null) return [];
  const answered = live.answered === null ? "not expected" : live.answered ? "yes" : "no";
  return [
    ["packets sent", String(live.packetsSent)],
    ["answered", answered],
  ];
}

function seenSheet({ seen }: NonNullable<TraceAnswer["live"]>): Sheet {
  const rows = seen.map(({ what, hypervisor, bridge, table, afterMs }) => [
    what,
    hypervisor,
    bridge,
    table,
    String(afterMs),
  ]);
  return sheetOf(["What", "Hypervisor", "Bridge", "Table", "After (ms)"], rows, "Seen");
}
