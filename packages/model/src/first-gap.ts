import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Tables } from "./tables.ts";

/**
 * The lowest whole number from `from` on that isn't among `numbers`, a subquery with one column `n` that an index
 * serves. The search walks the index and ends at the first gap, so it costs the length of the run of used numbers that
 * begins at `from`.
 */
export async function firstGap(db: Kysely<Tables>, numbers: RawBuilder<unknown>, from: number): Promise<number> {
  const { rows } = await sql<{ gap: number }>`
    SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM (${numbers}) AS used WHERE n = ${from}) THEN ${from} ELSE (
      SELECT n + 1 FROM (${numbers}) AS used
      WHERE n >= ${from} AND NOT EXISTS (SELECT 1 FROM (${numbers}) AS next WHERE next.n = used.n + 1) ORDER BY n LIMIT 1
    ) END AS gap`.execute(db);
  return rows[0]?.gap ?? from;
}
