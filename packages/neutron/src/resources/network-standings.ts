/** What a caller is to networks, which decides on what is in them. */
import { getNetwork, listNetworks, type Network, type Store } from "@loomstack/model";
import { LoomstackError, type Uuid } from "@loomstack/core";
import type { Caller, Standing } from "../caller.ts";
import { sharedWith, standingTo } from "./network.ts";

type Db = Store["db"];

/** What the caller is to each network that there is now, by id. */
export async function networkStandings(db: Db, caller: Caller): Promise<(networkId: Uuid) => Standing> {
  if (caller.isAdministrator) return () => "administrator";
  const shared = await sharedWith(db, caller);
  const networks = await listNetworks(db);
  const standings = new Map(networks.map((network) => [network.id, standingTo(network, caller, shared)]));
  return (networkId) => standings.get(networkId) ?? "nobody";
}

/** A network that the caller can see, and what it is to it. @throws MODEL__NOT_FOUND */
export async function visibleNetwork(
  db: Db,
  caller: Caller,
  id: Uuid,
): Promise<{ readonly network: Network; readonly standing: Standing }> {
  const network = await getNetwork(db, id);
  const standing = standingTo(network, caller, await sharedWith(db, caller));
  if (standing === "nobody") throw new LoomstackError("MODEL__NOT_FOUND", { resource: "network", id });
  return { network, standing };
}
