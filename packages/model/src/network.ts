import { LoomstackError, type Revision, type TunnelKey, type Uuid } from "@loomstack/core";
import type { Kysely } from "kysely";
import type { ChangeOf } from "./change.ts";
import { checkLeastMtu } from "./mtu.ts";
import type { NetworkRow } from "./network-tables.ts";
import type { Tx } from "./store.ts";
import { deleteSubnet } from "./subnet-changes.ts";
import { isIpv6Subnet, listSubnets } from "./subnet.ts";
import type { Tables } from "./tables.ts";
import { allocateTunnelKey } from "./tunnel-key.ts";
import { explainViolation } from "./violation.ts";

/** An isolated layer 2 segment of one tenant. */
export interface Network {
  readonly id: Uuid;
  readonly name: string;
  readonly tenantId: string;
  readonly shared: boolean;
  readonly adminStateUp: boolean;
  /** The encapsulation between hypervisors. */
  readonly networkType: NetworkType;
  /** What the client named; it is told back and never used on the wire. */
  readonly segmentationId: number | null;
  /** What tells this network apart inside a tunnel; unique among all networks. */
  readonly tunnelKey: TunnelKey;
  /** Bytes of the largest IP packet that was asked for; null: as large as the underlay allows (`effectiveMtu`). */
  readonly mtu: number | null;
  /** The revision of its last change. */
  readonly revision: Revision;
}

export type NetworkType = "vxlan" | "gre" | "geneve";

export type NetworkChange = ChangeOf<"network", Network, Uuid>;

/** What a client says of a new network. Without `mtu` it is as large as the underlay allows. */
export type NewNetwork = Omit<Network, "tunnelKey" | "mtu" | "revision"> & { readonly mtu?: number | null };

/** What can be changed of a network. */
export type NetworkPatch = Partial<Pick<Network, "name" | "shared" | "adminStateUp" | "mtu">>;

export async function listNetworks(db: Kysely<Tables>): Promise<Network[]> {
  const rows = await db.selectFrom("networks").selectAll().orderBy("id").execute();
  return rows.map(networkFromRow);
}

export async function findNetwork(db: Kysely<Tables>, id: Uuid): Promise<Network | undefined> {
  const row = await db.selectFrom("networks").selectAll().where("id", "=", id).executeTakeFirst();
  return row && networkFromRow(row);
}

/** @throws MODEL__NOT_FOUND */
export async function getNetwork(db: Kysely<Tables>, id: Uuid): Promise<Network> {
  const network = await findNetwork(db, id);
  if (!network) throw new LoomstackError("MODEL__NOT_FOUND", { resource: "network", id });
  return network;
}

/**
 * Makes a network, with a tunnel key of its own.
 *
 * @throws MODEL__ALREADY_EXISTS, MODEL__TUNNEL_KEYS_EXHAUSTED, MODEL__INVALID_MTU
 */
export async function createNetwork(tx: Tx, wanted: NewNetwork): Promise<Network> {
  const tunnelKey = await allocateTunnelKey(tx.db, wanted.id);
  const network: Network = { ...wanted, tunnelKey, mtu: wanted.mtu ?? null, revision: tx.revision };
  checkLeastMtu(network, { hasIpv6: false });
  await explainViolation(tx.db.insertInto("networks").values(networkToRow(network)).execute(), (violation) =>
    violation.kind === "unique" && violation.columns === "networks.id"
      ? new LoomstackError("MODEL__ALREADY_EXISTS", { resource: "network", id: network.id })
      : undefined,
  );
  tx.record({ resource: "network", id: network.id, after: network });
  return network;
}

/** @throws MODEL__NOT_FOUND; MODEL__INVALID_MTU when it is less than the versions of IP on the network need */
export async function updateNetwork(tx: Tx, id: Uuid, patch: NetworkPatch): Promise<Network> {
  const before = await getNetwork(tx.db, id);
  const after: Network = { ...before, ...patch, revision: tx.revision };
  checkLeastMtu(after, { hasIpv6: (await listSubnets(tx.db, id)).some(isIpv6Subnet) });
  await tx.db.updateTable("networks").set(networkToRow(after)).where("id", "=", id).execute();
  tx.record({ resource: "network", id, before, after });
  return after;
}

/**
 * Deletes a network and its subnets.
 *
 * @throws MODEL__NOT_FOUND; MODEL__IN_USE while it has ports
 */
export async function deleteNetwork(tx: Tx, id: Uuid): Promise<void> {
  const before = await getNetwork(tx.db, id);
  const port = await tx.db.selectFrom("ports").select("id").where("network_id", "=", id).executeTakeFirst();
  if (port) throw inUse(id, `port ${port.id}`);
  for (const subnet of await listSubnets(tx.db, id)) await deleteSubnet(tx, subnet.id);
  await explainViolation(tx.db.deleteFrom("networks").where("id", "=", id).execute(), ({ kind }) =>
    kind === "reference" ? inUse(id, "another object") : undefined,
  );
  tx.record({ resource: "network", id, before });
}

function inUse(id: Uuid, user: string): LoomstackError {
  return new LoomstackError("MODEL__IN_USE", { resource: "network", id, user });
}

function networkFromRow(row: NetworkRow): Network {
  return {
    id: row.id as Uuid,
    name: row.name,
    tenantId: row.tenant_id,
    shared: row.shared === 1,
    adminStateUp: row.admin_state_up === 1,
    networkType: row.network_type as NetworkType,
    segmentationId: row.segmentation_id,
    tunnelKey: row.tunnel_key as TunnelKey,
    mtu: row.mtu,
    revision: row.revision as Revision,
  };
}

function networkToRow(network: Network): NetworkRow {
  return {
    id: network.id,
    name: network.name,
    tenant_id: network.tenantId,
    shared: Number(network.shared),
    admin_state_up: Number(network.adminStateUp),
    network_type: network.networkType,
    segmentation_id: network.segmentationId,
    tunnel_key: network.tunnelKey,
    mtu: network.mtu,
    revision: network.revision,
  };
}
