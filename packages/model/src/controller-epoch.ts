import type { Store } from "./store.ts";

/**
 * The number of times that a controller has started on this store, this one included: the generation id of OpenFlow
 * role requests, which has to grow from one controller to the next (OpenFlow 1.3.5, 6.3.7). It is no part of intent.
 */
export async function nextControllerEpoch(store: Store): Promise<bigint> {
  const { result } = await store.transact(async ({ db }) => {
    const { epoch } = await db
      .updateTable("controller_epoch")
      .set((row) => ({ epoch: row("epoch", "+", 1) }))
      .returning("epoch")
      .executeTakeFirstOrThrow();
    return BigInt(epoch);
  });
  return result;
}
