import { LoomstackError, type TunnelKey, type Uuid } from "@loomstack/core";
import { type Kysely, sql } from "kysely";
import { firstGap } from "./first-gap.ts";
import type { Tables } from "./tables.ts";

/**
 * The highest key that we give out; the rest of the 24 bits of a VXLAN network identifier (RFC 7348) is kept for our
 * own use.
 */
export const tunnelKeyLimit = 0xfffff0;

/**
 * A key that no network has: the next after the last that was given out, from the lowest again after the highest. A key
 * that a network leaves behind rests for as long as possible, because a hypervisor that can't be reached may still send
 * under it.
 *
 * @throws MODEL__TUNNEL_KEYS_EXHAUSTED
 */
export async function allocateTunnelKey(
  db: Kysely<Tables>,
  network: Uuid,
  limit: number = tunnelKeyLimit,
): Promise<TunnelKey> {
  const { last } = await db.selectFrom("last_tunnel_key").select("last").executeTakeFirstOrThrow();
  const next = await firstFreeFrom(db, last + 1);
  const key = next <= limit ? next : await firstFreeFrom(db, 1);
  if (key > limit) throw new LoomstackError("MODEL__TUNNEL_KEYS_EXHAUSTED", { limit, network });
  await db.updateTable("last_tunnel_key").set({ last: key }).execute();
  return key as TunnelKey;
}

function firstFreeFrom(db: Kysely<Tables>, from: number): Promise<number> {
  return firstGap(db, sql`SELECT tunnel_key AS n FROM networks`, from);
}
