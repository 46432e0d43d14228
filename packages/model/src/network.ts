import { LoomstackError, type TunnelKey, type Uuid } from "@loomstack/core";
import type { Kysely } from "kysely";
import type { ChangeOf } from "./change.ts";
import { checkDnsDomain } from "./dns-name.ts";
import { forgetAddressesIn } from "./learnt-address.ts";
import { checkLeastMtu } from "./mtu.ts";
import { checkSegment, type NetworkType, segmentInUse } from "./network-segment.ts";
import type { NetworkRow } from "./network-tables.ts";
import {
  changed,
  made,
  type StandardAttributes,
  standardAttributesFromRow,
  standardAttributesToRow,
} from "./standard-attributes.ts";
import type { Tx } from "./store.ts";
import { deleteSubnet } from "./subnet-changes.ts";
import { isIpv6Subnet, listSubnets } from "./subnet.ts";
import type { Tables } from "./tables.ts";
import { allocateTunnelKey } from "./tunnel-key.ts";
import { explainViolation } from "./violation.ts";

/** A layer 2 segment: isolated where an encapsulation carries it, joined with what is outside by a physical network. */
export interface Network extends StandardAttributes {
  readonly id: Uuid;
  readonly name: string;
  readonly tenantId: string;
  readonly shared: boolean;
  readonly adminStateUp: boolean;
  /** What carries it between hypervisors: an encapsulation, or a physical network. */
  readonly networkType: NetworkType;
  /** The physical network that carries it; null where an encapsulation does. */
  readonly physicalNetwork: string | null;
  /** The VLAN in the physical network. For an encapsulation: what the client named, told back and never used. */
  readonly segmentationId: number | null;
  /** What tells this network apart inside a tunnel; unique among all networks. */
  readonly tunnelKey: TunnelKey;
  /** Bytes of the largest IP packet that was asked for; null: as large as the underlay allows (`effectiveMtu`). */
  readonly mtu: number | null;
  /** The domain of its ports' names, in lower case and without a last dot; null: the one that is configured. */
  readonly dnsDomain: string | null;
  /** Whether addresses of its ports that nobody told us are learnt from what their guests send. */
  readonly learnsAddresses: boolean;
  /** What the port security of its ports is that are asked for neither with nor without it. */
  readonly portSecurityEnabled: boolean;
}

export type NetworkChange = ChangeOf<"network", Network, Uuid>;

/** What a client says of a new network. Without `mtu` it is as large as the underlay allows; by default it learns. */
export type NewNetwork = Omit<Network, "tunnelKey" | keyof StandardAttributes | Omissible> &
  Partial<Pick<Network, Omissible | "description" | "tags">>;

type Omissible = "physicalNetwork" | "mtu" | "dnsDomain" | "learnsAddresses" | "portSecurityEnabled";

/** What can be changed of a network. */
export type NetworkPatch = Partial<
  Pick<
    Network,
    | "name"
    | "description"
    | "tags"
    | "shared"
    | "adminStateUp"
    | "mtu"
    | "dnsDomain"
    | "learnsAddresses"
    | "portSecurityEnabled"
  >
>;

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
 * @throws MODEL__ALREADY_EXISTS, MODEL__TUNNEL_KEYS_EXHAUSTED, MODEL__INVALID_MTU, MODEL__INVALID_SEGMENT,
 * MODEL__INVALID_DNS_DOMAIN;
 * MODEL__SEGMENT_IN_USE when another network has the same VLAN of the physical network, or is untagged there as well
 */
export async function createNetwork(tx: Tx, wanted: NewNetwork): Promise<Network> {
  const {
    physicalNetwork = null,
    mtu = null,
    dnsDomain = null,
    learnsAddresses = true,
    portSecurityEnabled = true,
  } = wanted;
  checkSegment({ ...wanted, physicalNetwork });
  const tunnelKey = await allocateTunnelKey(tx.db, wanted.id);
  const settings = { physicalNetwork, mtu, dnsDomain, learnsAddresses, portSecurityEnabled };
  const network: Network = { ...made(tx), ...wanted, ...settings, tunnelKey };
  checkDnsDomain(network);
  checkLeastMtu(network, { hasIpv6: false });
  await explainViolation(tx.db.insertInto("networks").values(networkToRow(network)).execute(), (violation) =>
    violation.kind === "unique" ? takenBy(network, violation.columns) : undefined,
  );
  tx.record({ resource: "network", id: network.id, after: network });
  return network;
}

/**
 * Changes a network. One that learns no more forgets what it has learnt.
 *
 * @throws MODEL__NOT_FOUND; MODEL__INVALID_MTU when it is less than the versions of IP on the network need;
 * MODEL__INVALID_DNS_DOMAIN
 */
export async function updateNetwork(tx: Tx, id: Uuid, patch: NetworkPatch): Promise<Network> {
  const before = await getNetwork(tx.db, id);
  const after: Network = { ...before, ...patch, ...changed(tx) };
  checkDnsDomain(after);
  checkLeastMtu(after, { hasIpv6: (await listSubnets(tx.db, id)).some(isIpv6Subnet) });
  await tx.db.updateTable("networks").set(networkToRow(after)).where("id", "=", id).execute();
  tx.record({ resource: "network", id, before, after });
  if (!after.learnsAddresses) await forgetAddressesIn(tx, id);
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

function takenBy(network: Network, columns: string): LoomstackError | undefined {
  if (columns === "networks.id")
    return new LoomstackError("MODEL__ALREADY_EXISTS", { resource: "network", id: network.id });
  return columns.includes("networks.physical_network") ? segmentInUse(network) : undefined;
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
    physicalNetwork: row.physical_network,
    segmentationId: row.segmentation_id,
    tunnelKey: row.tunnel_key as TunnelKey,
    mtu: row.mtu,
    dnsDomain: row.dns_domain,
    learnsAddresses: row.learns_addresses === 1,
    portSecurityEnabled: row.port_security_enabled === 1,
    ...standardAttributesFromRow(row),
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
    physical_network: network.physicalNetwork,
    segmentation_id: network.segmentationId,
    tunnel_key: network.tunnelKey,
    mtu: network.mtu,
    dns_domain: network.dnsDomain,
    learns_addresses: Number(network.learnsAddresses),
    port_security_enabled: Number(network.portSecurityEnabled),
    ...standardAttributesToRow(network),
  };
}
