import { type Ip, isGroupMac, isLoomstackError, LoomstackError, type Mac, type Uuid } from "@loomstack/core";
import type { Kysely } from "kysely";
import { type AddressPair, checkAddressPairs, pairsFromText, pairsToText } from "./address-pair.ts";
import type { ChangeOf } from "./change.ts";
import { checkDnsName } from "./dns-name.ts";
import { keptQuery } from "./kept-query.ts";
import { forgetAddresses, isLearner, yieldAddresses } from "./learnt-address.ts";
import type { PortAddressRow, PortRow } from "./network-tables.ts";
import { assignAddresses, type FixedIp, type FixedIpRequest, releaseAddresses } from "./port-address.ts";
import {
  changed,
  made,
  type StandardAttributes,
  standardAttributesFromRow,
  standardAttributesToRow,
} from "./standard-attributes.ts";
import type { Tx } from "./store.ts";
import type { Tables } from "./tables.ts";
import { explainViolation } from "./violation.ts";

/** A guest interface's place in a network. The interface on a hypervisor bears this id as `external_ids:iface-id`. */
export interface Port extends StandardAttributes {
  readonly id: Uuid;
  readonly networkId: Uuid;
  readonly name: string;
  readonly tenantId: string;
  /** Unique in the network. */
  readonly macAddress: Mac;
  /** Each unique in the network; none when the addresses aren't known. */
  readonly fixedIps: readonly FixedIp[];
  readonly deviceId: string;
  readonly deviceOwner: string;
  readonly adminStateUp: boolean;
  /** Whether it may send only from its own addresses and its pairs'. */
  readonly portSecurityEnabled: boolean;
  /** Each once; none without port security. */
  readonly allowedAddressPairs: readonly AddressPair[];
  /** Its name in the domain of its network: a label in lower case that no other port there has; null: `host-…`. */
  readonly dnsName: string | null;
  /** The host that its client means to plug it in on, by whatever name; empty: it doesn't say. What is, is its binding. */
  readonly hostId: string;
  /** What its client wants to find here again, as the text of a JSON object: Neutron's `binding:profile`. */
  readonly bindingProfile: string;
}

export type PortChange = ChangeOf<"port", Port, Uuid>;

/** Whose addresses a port may use. */
type PortSecurity = Pick<Port, "portSecurityEnabled" | "allowedAddressPairs">;

/**
 * What a client says of a new port. Without `fixedIps` it gets the lowest free address of each subnet of its network.
 * Port security is that of its network unless it says, without pairs unless they are named.
 */
export type NewPort = Omit<Port, "fixedIps" | Omissible | keyof StandardAttributes | keyof PortSecurity> &
  Partial<PortSecurity & Pick<Port, Omissible | "description" | "tags">> & {
    readonly fixedIps?: readonly FixedIpRequest[];
  };

type Omissible = "dnsName" | "hostId" | "bindingProfile";

/** What can be changed of a port. */
export type PortPatch = Partial<
  Pick<Port, "name" | "description" | "tags" | "macAddress" | "deviceId" | "deviceOwner" | "adminStateUp" | Omissible> &
    PortSecurity
> & {
  /** All its addresses; where only the subnet is given, the port keeps an address that it has there. */
  readonly fixedIps?: readonly FixedIpRequest[];
};

/** Every port, or those of one network, in a fixed order. */
export async function listPorts(db: Kysely<Tables>, networkId?: Uuid): Promise<Port[]> {
  const ports = db.selectFrom("ports").selectAll().orderBy("id");
  const addresses = db.selectFrom("port_addresses").selectAll().orderBy("port_id").orderBy("position");
  const rows = await (networkId === undefined ? ports : ports.where("network_id", "=", networkId)).execute();
  const addressRows = await (
    networkId === undefined ? addresses : addresses.where("network_id", "=", networkId)
  ).execute();
  const byPort = Map.groupBy(addressRows, (row) => row.port_id);
  return rows.map((row) => portFromRows(row, byPort.get(row.id) ?? []));
}

export async function findPort(db: Kysely<Tables>, id: Uuid): Promise<Port | undefined> {
  const [row] = await portRow(db, { id });
  return row && portFromRows(row, await addressRowsOf(db, { id }));
}

const portRow = keptQuery((db, { id }: Pick<Port, "id">) => db.selectFrom("ports").selectAll().where("id", "=", id));
const addressRowsOf = keptQuery((db, { id }: Pick<Port, "id">) =>
  db.selectFrom("port_addresses").selectAll().where("port_id", "=", id).orderBy("position"),
);
const addPortRow = keptQuery((db, row: PortRow) => db.insertInto("ports").values(row));

/** @throws MODEL__NOT_FOUND */
export async function getPort(db: Kysely<Tables>, id: Uuid): Promise<Port> {
  const port = await findPort(db, id);
  if (!port) throw new LoomstackError("MODEL__NOT_FOUND", { resource: "port", id });
  return port;
}

/**
 * @throws MODEL__NOT_FOUND for the network; MODEL__ALREADY_EXISTS, MODEL__INVALID_MAC, MODEL__MAC_IN_USE,
 * MODEL__SUBNET_NOT_ON_NETWORK, MODEL__INVALID_ADDRESS, MODEL__ADDRESS_IN_USE, MODEL__ADDRESSES_EXHAUSTED,
 * MODEL__INVALID_ADDRESS_PAIR, MODEL__PORT_SECURITY_REQUIRED, MODEL__INVALID_DNS_NAME, MODEL__DNS_NAME_IN_USE
 */
export async function createPort(tx: Tx, { fixedIps: wanted, ...given }: NewPort): Promise<Port> {
  const portSecurityEnabled = given.portSecurityEnabled ?? (await hasPortSecurity(tx, given.networkId));
  const rest = { ...made(tx), ...unsaid, ...given, portSecurityEnabled };
  checkMac(rest);
  checkAddressPairs(rest);
  checkDnsName(rest);
  const adding = addPortRow(tx.db, portToRow(rest));
  await explainPort(rest, adding).catch(async (error: unknown) => {
    // A client that repeats itself also repeats the MAC address; what it has to hear is that the port exists.
    throw isLoomstackError(error) && (await findPort(tx.db, rest.id)) ? alreadyExists(rest.id) : error;
  });
  const fixedIps = await assignAddresses(tx, rest, wanted);
  const port: Port = { ...rest, fixedIps };
  await yieldAddresses(tx, port.networkId, addressesOf(port));
  tx.record({ resource: "port", id: port.id, after: port });
  return port;
}

/** @throws MODEL__NOT_FOUND, and what `createPort` throws for addresses, pairs and names */
export async function updatePort(tx: Tx, id: Uuid, { fixedIps: wanted, ...patch }: PortPatch): Promise<Port> {
  const before = await getPort(tx.db, id);
  const wished: Port = { ...before, ...patch, ...changed(tx) };
  checkMac(wished);
  checkAddressPairs(wished);
  checkDnsName(wished);
  await explainPort(wished, tx.db.updateTable("ports").set(portToRow(wished)).where("id", "=", id).execute());
  // Whether a port may have the gateway's address depends on its owner, and automatic addresses on its MAC address, so
  // with these the addresses are judged again.
  const isSame = wished.deviceOwner === before.deviceOwner && wished.macAddress === before.macAddress;
  const requests = wanted ?? (isSame ? undefined : before.fixedIps);
  const after =
    requests === undefined ? wished : { ...wished, fixedIps: await replaceAddresses(tx, before, wished, requests) };
  tx.record({ resource: "port", id, before, after });
  await yieldAddresses(tx, after.networkId, addressesOf(after));
  if (!isLearner(after)) await forgetAddresses(tx, id);
  return after;
}

/** @throws MODEL__NOT_FOUND */
export async function deletePort(tx: Tx, id: Uuid): Promise<void> {
  const before = await getPort(tx.db, id);
  await releaseAddresses(tx, id);
  await tx.db.deleteFrom("ports").where("id", "=", id).execute();
  tx.record({ resource: "port", id, before });
}

const unsaid = { allowedAddressPairs: [], dnsName: null, hostId: "", bindingProfile: "{}" };

const portSecurityOf = keptQuery((db, { networkId }: Pick<Port, "networkId">) =>
  db.selectFrom("networks").select("port_security_enabled").where("id", "=", networkId),
);

/** What a network has for its ports; that it isn't there is found when the port is added. */
async function hasPortSecurity({ db }: Tx, networkId: Uuid): Promise<boolean> {
  return (await portSecurityOf(db, { networkId }))[0]?.port_security_enabled !== 0;
}

function addressesOf({ fixedIps }: Pick<Port, "fixedIps">): readonly Ip[] {
  return fixedIps.map(({ ipAddress }) => ipAddress);
}

async function replaceAddresses(
  tx: Tx,
  before: Port,
  after: Port,
  wanted: readonly FixedIpRequest[],
): Promise<FixedIp[]> {
  await releaseAddresses(tx, before.id);
  return assignAddresses(tx, after, wanted, before.fixedIps);
}

function checkMac({ id, macAddress }: Pick<Port, "id" | "macAddress">): void {
  const reason = isGroupMac(macAddress)
    ? "it is a group address"
    : macAddress === "00:00:00:00:00:00"
      ? "it is all zeros"
      : undefined;
  if (reason !== undefined) throw new LoomstackError("MODEL__INVALID_MAC", { mac: macAddress, port: id, reason });
}

function explainPort<T>(
  port: Pick<Port, "id" | "networkId" | "macAddress" | "dnsName">,
  statement: Promise<T>,
): Promise<T> {
  return explainViolation(statement, (violation) => {
    if (violation.kind === "reference")
      return new LoomstackError("MODEL__NOT_FOUND", { resource: "network", id: port.networkId });
    if (violation.columns.startsWith("ports.id")) return alreadyExists(port.id);
    if (violation.columns.includes("ports.dns_name")) {
      const context = { name: String(port.dnsName), port: port.id, network: port.networkId };
      return new LoomstackError("MODEL__DNS_NAME_IN_USE", context);
    }
    return new LoomstackError("MODEL__MAC_IN_USE", { mac: port.macAddress, port: port.id, network: port.networkId });
  });
}

function alreadyExists(id: Uuid): LoomstackError {
  return new LoomstackError("MODEL__ALREADY_EXISTS", { resource: "port", id });
}

/** A port as its rows say; `addresses` in the order of their positions. */
export function portFromRows(row: PortRow, addresses: readonly PortAddressRow[]): Port {
  return {
    id: row.id as Uuid,
    networkId: row.network_id as Uuid,
    name: row.name,
    tenantId: row.tenant_id,
    macAddress: row.mac_address as Mac,
    fixedIps: addresses.map(({ subnet_id, address }) => ({
      subnetId: subnet_id as Uuid,
      ipAddress: address as Ip,
    })),
    deviceId: row.device_id,
    deviceOwner: row.device_owner,
    adminStateUp: row.admin_state_up === 1,
    portSecurityEnabled: row.port_security_enabled === 1,
    allowedAddressPairs: pairsFromText(row.allowed_address_pairs),
    dnsName: row.dns_name,
    hostId: row.host_id,
    bindingProfile: row.binding_profile,
    ...standardAttributesFromRow(row),
  };
}

function portToRow(port: Omit<Port, "fixedIps">): PortRow {
  return {
    id: port.id,
    network_id: port.networkId,
    name: port.name,
    tenant_id: port.tenantId,
    mac_address: port.macAddress,
    device_id: port.deviceId,
    device_owner: port.deviceOwner,
    admin_state_up: Number(port.adminStateUp),
    port_security_enabled: Number(port.portSecurityEnabled),
    allowed_address_pairs: pairsToText(port.allowedAddressPairs),
    dns_name: port.dnsName,
    host_id: port.hostId,
    binding_profile: port.bindingProfile,
    ...standardAttributesToRow(port),
  };
}
