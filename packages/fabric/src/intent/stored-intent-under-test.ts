/** What the tests of this package share: intent in a store, with as little said of each object as the test needs. */
import type { Mac, Uuid } from "@loomstack/core";
import { createNetwork, createPort, type Tx } from "@loomstack/model";

/** A VXLAN network that is administratively up. */
export async function storeNetwork(tx: Tx, id: Uuid): Promise<void> {
  const names = { name: "", tenantId: "", shared: false };
  await createNetwork(tx, { id, ...names, adminStateUp: true, networkType: "vxlan", segmentationId: null });
}

/** A port that is administratively up and has no addresses. */
export async function storePort(tx: Tx, id: Uuid, networkId: Uuid, macAddress: string): Promise<void> {
  const names = { name: "", tenantId: "", deviceId: "", deviceOwner: "" };
  await createPort(tx, { id, networkId, ...names, macAddress: macAddress as Mac, fixedIps: [], adminStateUp: true });
}
