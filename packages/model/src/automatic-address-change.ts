/** What a subnet with automatic addresses does to the ports that are there when it comes and goes. */
import type { Uuid } from "@loomstack/core";
import { automaticAddress } from "./automatic-address.ts";
import { listPorts, type Port } from "./port.ts";
import { appendAddress, type FixedIp } from "./port-address.ts";
import { changed, standardAttributesToRow } from "./standard-attributes.ts";
import type { Tx } from "./store.ts";
import type { Subnet } from "./subnet.ts";

/** Gives every port of the network its address. @throws MODEL__INVALID_ADDRESS, MODEL__ADDRESS_IN_USE */
export async function giveToPorts(tx: Tx, subnet: Subnet): Promise<void> {
  for (const port of await listPorts(tx.db, subnet.networkId)) {
    const ipAddress = automaticAddress(subnet, port);
    if (ipAddress === undefined) continue;
    await appendAddress(tx.db, port, subnet, ipAddress);
    await record(tx, port, [...port.fixedIps, { subnetId: subnet.id, ipAddress }]);
  }
}

/** Takes their addresses from all ports that have them of their own accord. */
export async function takeFromPorts(tx: Tx, subnet: Subnet): Promise<void> {
  for (const port of await listPorts(tx.db, subnet.networkId)) {
    const kept = port.fixedIps.filter(({ subnetId }) => subnetId !== subnet.id);
    if (kept.length === port.fixedIps.length || automaticAddress(subnet, port) === undefined) continue;
    await removeAddresses(tx, port.id, subnet.id);
    await record(tx, port, kept);
  }
}

async function removeAddresses({ db }: Tx, portId: Uuid, subnetId: Uuid): Promise<void> {
  await db.deleteFrom("port_addresses").where("port_id", "=", portId).where("subnet_id", "=", subnetId).execute();
}

async function record(tx: Tx, before: Port, fixedIps: readonly FixedIp[]): Promise<void> {
  const after: Port = { ...before, fixedIps, ...changed(tx) };
  await tx.db.updateTable("ports").set(standardAttributesToRow(after)).where("id", "=", before.id).execute();
  tx.record({ resource: "port", id: before.id, before, after });
}
