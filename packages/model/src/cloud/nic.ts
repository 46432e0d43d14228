import {
  type Cidr,
  type Ipv4,
  ipv4FromNumber,
  ipv4ToNumber,
  LoomstackError,
  type Mac,
  type Uuid,
  cidrSize,
  formatCidr,
} from "@loomstack/core";
import { type Kysely, sql } from "kysely";
import type { ChangeOf } from "../change.ts";
import type { Tables } from "../tables.ts";
import { integer, ipv4, text, truth } from "./column.ts";
import { presentOf, resourceTable } from "./resource-table.ts";

/**
 * What the controller knows of a NIC's port. `creating`: it may know it; `releasing`: it is to forget it, and is asked
 * until it has. Written before the controller is called, so that a port is never forgotten, whenever we die.
 */
export type NicPortState = "none" | "creating" | "created" | "releasing";

/**
 * An instance's place on a network. Its id is the port's id at the controller and the interface's `iface-id` on the
 * host.
 */
export interface Nic {
  readonly id: Uuid;
  readonly instanceId: Uuid;
  readonly networkId: Uuid;
  /** 0 for eth0. */
  readonly deviceIndex: number;
  readonly macAddress: Mac;
  readonly ipAddress: Ipv4;
  readonly isDefault: boolean;
  readonly portState: NicPortState;
  /** Whether it is to go, with its addresses, once the controller has forgotten its port. */
  readonly discarded: boolean;
  readonly createdAt: number;
}

export type NicChange = ChangeOf<"nic", Nic, Uuid>;

export const nics = resourceTable<Nic>({
  resource: "NIC",
  table: "nics",
  columns: {
    id: text<Uuid>(),
    instanceId: text<Uuid>(),
    networkId: text<Uuid>(),
    deviceIndex: integer(),
    macAddress: text<Mac>(),
    ipAddress: ipv4(),
    isDefault: truth(),
    portState: text<NicPortState>(),
    discarded: truth(),
    createdAt: integer(),
  },
  conflicts: {
    "network_id, ip_address": (nic) =>
      new LoomstackError("CLOUD__ADDRESS_IN_USE", { address: nic.ipAddress, network: nic.networkId }),
    mac_address: (nic) => new LoomstackError("CLOUD__MAC_IN_USE", { mac: nic.macAddress }),
  },
  change: (id, before, after) => ({ resource: "nic", id, ...presentOf(before, after) }),
});

/**
 * The lowest address of `cidr` that is neither a NIC's nor the gateway, the network or the broadcast address.
 *
 * @throws CLOUD__ADDRESSES_EXHAUSTED
 */
export async function freeAddress(db: Kysely<Tables>, networkId: Uuid, cidr: Cidr, gateway: Ipv4): Promise<Ipv4> {
  const first = ipv4ToNumber(cidr.network) + 1;
  const last = first + cidrSize(cidr) - 3;
  const reserved = ipv4ToNumber(gateway);
  const { rows } = await sql<{ free: number | null }>`
    SELECT MIN(candidate) AS free FROM (
      SELECT ${first} AS candidate UNION ALL SELECT ${reserved} + 1 UNION ALL
      SELECT ip_address + 1 FROM nics WHERE network_id = ${networkId}
    ) AS candidates
    WHERE candidate BETWEEN ${first} AND ${last} AND candidate <> ${reserved}
      AND candidate NOT IN (SELECT ip_address FROM nics WHERE network_id = ${networkId})`.execute(db);
  const free = rows[0]?.free ?? null;
  if (free === null)
    throw new LoomstackError("CLOUD__ADDRESSES_EXHAUSTED", { network: networkId, cidr: formatCidr(cidr) });
  return ipv4FromNumber(free);
}

/** Whether an instance with a NIC in the network has this host name, in whatever case. */
export async function hostNameIsTaken(db: Kysely<Tables>, networkId: Uuid, name: string): Promise<boolean> {
  const found = await db
    .selectFrom("nics")
    .innerJoin("instances", "instances.id", "nics.instance_id")
    .select("nics.id")
    .where("nics.network_id", "=", networkId)
    .where(({ fn, eb }) => eb(fn("lower", ["instances.name"]), "=", name.toLowerCase()))
    .executeTakeFirst();
  return found !== undefined;
}

/** Whether the MAC address is a NIC's. */
export async function macIsTaken(db: Kysely<Tables>, mac: Mac): Promise<boolean> {
  return (await db.selectFrom("nics").select("id").where("mac_address", "=", mac).executeTakeFirst()) !== undefined;
}
