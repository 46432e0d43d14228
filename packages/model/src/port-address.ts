/**
 * A port's IP addresses: which ones a request means, and that each is the subnet's, is a host's, and is nobody else's.
 *
 * A subnet keeps `search_from`, below which no address of its pools is free, so that giving out addresses one after another doesn't
 * walk over all those in use each time. Releasing an address lowers it.
 */
import {
  type Ip,
  LoomstackError,
  type Mac,
  parsePrefix,
  type Prefix,
  prefixAddress,
  prefixOffset,
  type Uuid,
} from "@loomstack/core";
import { type Kysely, sql } from "kysely";
import { poolNumbers } from "./allocation-pool.ts";
import { automaticAddress } from "./automatic-address.ts";
import { firstGap } from "./first-gap.ts";
import { whyNoHostAddress } from "./host-address.ts";
import { keptQuery } from "./kept-query.ts";
import type { PortAddressRow } from "./network-tables.ts";
import type { Tx } from "./store.ts";
import { isRouterOwner, listSubnets, type Subnet } from "./subnet.ts";
import type { Tables } from "./tables.ts";
import { explainViolation } from "./violation.ts";

/** An IP address that a port has. */
export interface FixedIp {
  readonly subnetId: Uuid;
  readonly ipAddress: Ip;
}

/**
 * An IP address that a port is to have: this very one, or the lowest free one of the subnet. One of the two has to be
 * given.
 */
export type FixedIpRequest =
  { readonly subnetId: Uuid; readonly ipAddress?: Ip } | { readonly subnetId?: Uuid; readonly ipAddress: Ip };

/** What has to be known of a port to judge its addresses. */
export interface AddressOwner {
  readonly id: Uuid;
  readonly networkId: Uuid;
  readonly macAddress: Mac;
  readonly deviceOwner: string;
}

/**
 * Gives a port, which has none yet, its addresses, in the order of the requests. Automatic ones come with the network,
 * whether they are asked for or not.
 *
 * @param wanted undefined for the lowest free address of each subnet of the network
 * @param kept addresses that the port had: one of them is preferred where only its subnet is asked for
 * @throws MODEL__SUBNET_NOT_ON_NETWORK, MODEL__INVALID_ADDRESS, MODEL__ADDRESS_IN_USE, MODEL__ADDRESSES_EXHAUSTED
 */
export async function assignAddresses(
  tx: Tx,
  owner: AddressOwner,
  wanted: readonly FixedIpRequest[] | undefined,
  kept: readonly FixedIp[] = [],
): Promise<FixedIp[]> {
  const subnets = await listSubnets(tx.db, owner.networkId);
  const implied = subnets.filter((subnet) => wanted === undefined || automaticAddress(subnet, owner) !== undefined);
  const requests = [...(wanted ?? []), ...implied.map(({ id }): FixedIpRequest => ({ subnetId: id }))];
  const assigned: { readonly position: number; readonly fixedIp: FixedIp }[] = [];
  const assign = async (position: number, subnet: Subnet, ipAddress: Ip): Promise<void> => {
    const fixedIp = { subnetId: subnet.id, ipAddress };
    await insertAddress(tx.db, owner, subnet, { fixedIp, position });
    assigned.push({ position, fixedIp });
  };

  // Named addresses come first, so that a free choice never takes what the same request names.
  const choices: { readonly position: number; readonly subnet: Subnet }[] = [];
  for (const [position, request] of requests.entries()) {
    const subnet = subnetOf(subnets, owner, request);
    const automatic = automaticAddress(subnet, owner);
    if (automatic !== undefined) {
      checkRequest(owner, automatic, request, kept);
      if (!assigned.some(({ fixedIp }) => fixedIp.subnetId === subnet.id))
        await assign(position, subnet, checkAddress(subnet, owner, automatic));
    } else if (request.ipAddress === undefined) choices.push({ position, subnet });
    else await assign(position, subnet, checkAddress(subnet, owner, request.ipAddress));
  }
  for (const { position, subnet } of choices) {
    const taken = new Set(assigned.map(({ fixedIp }) => fixedIp.ipAddress));
    const former = kept.find((fixedIp) => fixedIp.subnetId === subnet.id && !taken.has(fixedIp.ipAddress));
    await assign(position, subnet, former?.ipAddress ?? (await takeLowestFree(tx.db, subnet, owner)));
  }
  return assigned.sort((one, other) => one.position - other.position).map(({ fixedIp }) => fixedIp);
}

/** Gives a port an address after those that it has. @throws MODEL__INVALID_ADDRESS, MODEL__ADDRESS_IN_USE */
export async function appendAddress(
  db: Kysely<Tables>,
  owner: AddressOwner,
  subnet: Subnet,
  ipAddress: Ip,
): Promise<void> {
  checkAddress(subnet, owner, ipAddress);
  const { last } = await db
    .selectFrom("port_addresses")
    .select(({ fn }) => fn.max<number | null>("position").as("last"))
    .where("port_id", "=", owner.id)
    .executeTakeFirstOrThrow();
  const position = (last ?? -1) + 1;
  await insertAddress(db, owner, subnet, { fixedIp: { subnetId: subnet.id, ipAddress }, position });
}

/** Takes all its addresses from a port. */
export async function releaseAddresses(tx: Tx, portId: Uuid): Promise<void> {
  const released = await tx.db
    .deleteFrom("port_addresses")
    .where("port_id", "=", portId)
    .returning(["subnet_id", "host_number"])
    .execute();
  for (const { subnet_id, host_number } of released) {
    if (host_number === null) continue;
    await tx.db
      .updateTable("subnets")
      .set({ search_from: host_number })
      .where("id", "=", subnet_id)
      .where("search_from", ">", host_number)
      .execute();
  }
}

function subnetOf(subnets: readonly Subnet[], owner: AddressOwner, { subnetId, ipAddress }: FixedIpRequest): Subnet {
  if (subnetId !== undefined) {
    const subnet = subnets.find(({ id }) => id === subnetId);
    if (subnet) return subnet;
    throw new LoomstackError("MODEL__SUBNET_NOT_ON_NETWORK", {
      subnet: subnetId,
      network: owner.networkId,
      port: owner.id,
    });
  }
  const subnet = subnets.find(
    ({ cidr }) => ipAddress !== undefined && whyNoHostAddress(parsePrefix(cidr), ipAddress) === undefined,
  );
  if (subnet) return subnet;
  const reason = `no subnet of network ${owner.networkId} has it as an address for hosts`;
  throw new LoomstackError("MODEL__INVALID_ADDRESS", { address: String(ipAddress), port: owner.id, reason });
}

function checkAddress(subnet: Subnet, owner: AddressOwner, address: Ip): Ip {
  const isGateway = address === subnet.gatewayIp && !isRouterOwner(owner.deviceOwner);
  const reason =
    whyNoHostAddress(parsePrefix(subnet.cidr), address) ??
    (isGateway ? `it is the gateway of subnet ${subnet.id}` : undefined);
  if (reason === undefined) return address;
  throw new LoomstackError("MODEL__INVALID_ADDRESS", { address, port: owner.id, reason });
}

/** What a port had is passed over: its MAC address, and so the address, may be another now. */
function checkRequest(
  owner: AddressOwner,
  automatic: Ip,
  { ipAddress }: FixedIpRequest,
  kept: readonly FixedIp[],
): void {
  if (ipAddress === undefined || ipAddress === automatic || kept.some((had) => had.ipAddress === ipAddress)) return;
  const reason = `its subnet gives ports the address that belongs to their MAC address, here ${automatic}`;
  throw new LoomstackError("MODEL__INVALID_ADDRESS", { address: ipAddress, port: owner.id, reason });
}

async function takeLowestFree(db: Kysely<Tables>, subnet: Subnet, owner: AddressOwner): Promise<Ip> {
  const prefix = parsePrefix(subnet.cidr);
  const number = await lowestFree(db, subnet, prefix);
  if (number === undefined)
    throw new LoomstackError("MODEL__ADDRESSES_EXHAUSTED", { subnet: subnet.id, cidr: subnet.cidr, port: owner.id });
  await db
    .updateTable("subnets")
    .set({ search_from: number + 1 })
    .where("id", "=", subnet.id)
    .execute();
  return prefixAddress(prefix, BigInt(number));
}

async function lowestFree(db: Kysely<Tables>, subnet: Subnet, prefix: Prefix): Promise<number | undefined> {
  const { search_from } = await db
    .selectFrom("subnets")
    .select("search_from")
    .where("id", "=", subnet.id)
    .executeTakeFirstOrThrow();
  const used = sql`SELECT host_number AS n FROM port_addresses WHERE subnet_id = ${subnet.id}`;
  for (const { first, last } of poolNumbers(subnet, prefix)) {
    if (search_from > last) continue;
    const number = await firstGap(db, used, Math.max(Number(first), search_from));
    if (number <= last) return number;
  }
  return undefined;
}

async function insertAddress(
  db: Kysely<Tables>,
  owner: AddressOwner,
  subnet: Subnet,
  { fixedIp, position }: { readonly fixedIp: FixedIp; readonly position: number },
): Promise<void> {
  const number = prefixOffset(parsePrefix(subnet.cidr), fixedIp.ipAddress);
  const row = {
    port_id: owner.id,
    network_id: owner.networkId,
    subnet_id: subnet.id,
    address: fixedIp.ipAddress,
    host_number: number <= Number.MAX_SAFE_INTEGER ? Number(number) : null,
    position,
  };
  await explainViolation(addAddressRow(db, row), ({ kind }) =>
    kind === "unique"
      ? new LoomstackError("MODEL__ADDRESS_IN_USE", {
          address: fixedIp.ipAddress,
          port: owner.id,
          network: owner.networkId,
        })
      : undefined,
  );
}

const addAddressRow = keptQuery((db, row: PortAddressRow) => db.insertInto("port_addresses").values(row));
