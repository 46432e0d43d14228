/** What tables have counted, in ovs-ofctl's syntax: what it prints for `dump-tables`. */
import type { TableStats } from "../of13/multipart/descriptions.ts";

/** A text of several lines for a table, and a line for all that follow it and have counted the same. */
export function formatTableStats(tables: readonly TableStats[]): string {
  const parts: string[] = [];
  let last: TableStats | undefined;
  let dittos: number[] = [];
  const finish = (): void => {
    const [first, end] = [dittos[0], dittos.at(-1)];
    if (first !== undefined) parts.push(`  ${first === end ? `table ${first}` : `tables ${first}...${end}`}: ditto`);
    dittos = [];
  };
  for (const table of tables) {
    if (last !== undefined && isSame(last, table)) {
      dittos.push(table.tableId);
      continue;
    }
    finish();
    const { tableId, activeCount, lookupCount, matchedCount } = table;
    parts.push(`  table ${tableId}:\n    active=${activeCount}, lookup=${lookupCount}, matched=${matchedCount}`);
    last = table;
  }
  finish();
  return parts.join("\n\n");
}

function isSame(one: TableStats, other: TableStats): boolean {
  return (
    one.activeCount === other.activeCount &&
    one.lookupCount === other.lookupCount &&
    one.matchedCount === other.matchedCount
  );
}
