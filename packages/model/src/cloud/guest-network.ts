import { LoomstackError, type Ipv4, type Uuid } from "@loomstack/core";
import { type Kysely, sql } from "kysely";
import type { ChangeOf } from "../change.ts";
import type { Tables } from "../tables.ts";
import { integer, ipv4, text } from "./column.ts";
import { presentOf, resourceTable } from "./resource-table.ts";

/** The states of a CloudStack network that a lazily implemented one passes through. */
export type NetworkState = "Allocated" | "Implementing" | "Implemented" | "Shutdown" | "Destroy";

/** A user's network. Until its first instance starts it is nothing but this. */
export interface GuestNetwork {
  readonly id: Uuid;
  readonly name: string;
  readonly displayText: string;
  readonly account: string;
  readonly zoneId: Uuid;
  readonly physicalNetworkId: Uuid;
  readonly networkOfferingId: Uuid;
  readonly cidr: string;
  readonly gateway: Ipv4;
  /** In bytes, without the Ethernet header: what a guest may send in one packet. */
  readonly mtu: number;
  /** The id of its subnet at the controller. */
  readonly subnetId: Uuid;
  /** The number that the controller is given, unique on the physical network from the first implementing on. */
  readonly segmentationId: number | null;
  /** The controller that implements it; null while none does. */
  readonly controllerId: Uuid | null;
  readonly state: NetworkState;
  /** In words: why it is in this state, where there is something to say. */
  readonly stateReason: string;
  /** Since when (ms since the epoch) an implemented network has had no port; null while it has one. */
  readonly idleSince: number | null;
  readonly createdAt: number;
}

export type GuestNetworkChange = ChangeOf<"guestNetwork", GuestNetwork, Uuid>;

export const guestNetworks = resourceTable<GuestNetwork>({
  resource: "network",
  table: "guest_networks",
  columns: {
    id: text<Uuid>(),
    name: text(),
    displayText: text(),
    account: text(),
    zoneId: text<Uuid>(),
    physicalNetworkId: text<Uuid>(),
    networkOfferingId: text<Uuid>(),
    cidr: text(),
    gateway: ipv4(),
    mtu: integer(),
    subnetId: text<Uuid>(),
    segmentationId: integer<number | null>(),
    controllerId: text<Uuid | null>(),
    state: text<NetworkState>(),
    stateReason: text(),
    idleSince: integer<number | null>(),
    createdAt: integer(),
  },
  change: (id, before, after) => ({ resource: "guestNetwork", id, ...presentOf(before, after) }),
});

const largestSegmentationId = 0xffffff;

/** The lowest number that no network of the physical network has. @throws CLOUD__SEGMENTS_EXHAUSTED */
export async function freeSegmentationId(db: Kysely<Tables>, physicalNetworkId: Uuid): Promise<number> {
  const taken = sql`
    SELECT segmentation_id FROM guest_networks
    WHERE physical_network_id = ${physicalNetworkId} AND segmentation_id IS NOT NULL`;
  const { rows } = await sql<{ free: number | null }>`
    SELECT MIN(candidate) AS free FROM (
      SELECT 1 AS candidate UNION ALL
      SELECT segmentation_id + 1 FROM guest_networks
      WHERE physical_network_id = ${physicalNetworkId} AND segmentation_id IS NOT NULL
    ) AS candidates WHERE candidate <= ${largestSegmentationId} AND candidate NOT IN (${taken})`.execute(db);
  const free = rows[0]?.free ?? null;
  if (free === null)
    throw new LoomstackError("CLOUD__SEGMENTS_EXHAUSTED", {
      physicalNetwork: physicalNetworkId,
      limit: largestSegmentationId,
    });
  return free;
}
