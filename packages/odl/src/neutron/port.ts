import {
  type AddressPair,
  addressPairLimit,
  createPort,
  deletePort,
  type FixedIpRequest,
  formatPairAddress,
  getPort,
  listPorts,
  type NewPort,
  type Port,
  type PortPatch,
  type PortStatus,
  type Realised,
  updatePort,
} from "@loomstack/model";
import { dnsName, ignored, ip, ipOrPrefix, label, mac, unchangeable, uuid } from "@loomstack/neutron";
import { z } from "zod";
import type { Members, Resource } from "./resource.ts";

const addressLimit = 64;

const fixedIp = z
  .strictObject({ subnet_id: uuid.optional(), ip_address: ip.optional() })
  .transform(({ subnet_id: subnetId, ip_address: ipAddress }, context): FixedIpRequest => {
    if (ipAddress !== undefined) return { ipAddress, ...(subnetId !== undefined && { subnetId }) };
    if (subnetId !== undefined) return { subnetId };
    context.addIssue({ code: "custom", message: "needs a subnet_id or an ip_address" });
    return z.NEVER;
  });

const fixedIps = z.array(fixedIp).max(addressLimit);

const addressPair = z
  .strictObject({ ip_address: ipOrPrefix, mac_address: mac.nullish() })
  .transform(({ ip_address: prefix, mac_address: macAddress }): AddressPair => ({
    macAddress: macAddress ?? null,
    prefix,
  }));

/** null means what an empty list means, as in Neutron. */
const addressPairs = z
  .array(addressPair)
  .max(addressPairLimit)
  .nullable()
  .transform((pairs) => pairs ?? []);

const creation = z
  .strictObject({
    id: uuid,
    network_id: uuid,
    name: label.default(""),
    tenant_id: label.default(""),
    mac_address: mac,
    fixed_ips: fixedIps.optional(),
    device_id: label.default(""),
    device_owner: label.default(""),
    admin_state_up: z.boolean().default(true),
    port_security_enabled: z.boolean().default(true),
    allowed_address_pairs: addressPairs.default([]),
    dns_name: dnsName.default(null),
    // What a client says of it counts for nothing: the status is what the hypervisors say.
    status: ignored,
  })
  .transform((body): NewPort => ({
    id: body.id,
    networkId: body.network_id,
    name: body.name,
    tenantId: body.tenant_id,
    macAddress: body.mac_address,
    ...(body.fixed_ips && { fixedIps: body.fixed_ips }),
    deviceId: body.device_id,
    deviceOwner: body.device_owner,
    adminStateUp: body.admin_state_up,
    portSecurityEnabled: body.port_security_enabled,
    allowedAddressPairs: body.allowed_address_pairs,
    dnsName: body.dns_name,
  }));

const change = z
  .strictObject({
    name: label.optional(),
    mac_address: mac.optional(),
    fixed_ips: fixedIps.optional(),
    device_id: label.optional(),
    device_owner: label.optional(),
    admin_state_up: z.boolean().optional(),
    port_security_enabled: z.boolean().optional(),
    allowed_address_pairs: addressPairs.optional(),
    dns_name: dnsName.optional(),
    id: unchangeable,
    network_id: unchangeable,
    tenant_id: unchangeable,
    status: unchangeable,
  })
  .transform((body): PortPatch => ({
    ...(body.name !== undefined && { name: body.name }),
    ...(body.mac_address !== undefined && { macAddress: body.mac_address }),
    ...(body.fixed_ips !== undefined && { fixedIps: body.fixed_ips }),
    ...(body.device_id !== undefined && { deviceId: body.device_id }),
    ...(body.device_owner !== undefined && { deviceOwner: body.device_owner }),
    ...(body.admin_state_up !== undefined && { adminStateUp: body.admin_state_up }),
    ...(body.port_security_enabled !== undefined && { portSecurityEnabled: body.port_security_enabled }),
    ...(body.allowed_address_pairs !== undefined && { allowedAddressPairs: body.allowed_address_pairs }),
    ...(body.dns_name !== undefined && { dnsName: body.dns_name }),
  }));

function fromIntent(port: Port, { status, reason }: PortStatus): Members {
  return {
    id: port.id,
    network_id: port.networkId,
    name: port.name,
    tenant_id: port.tenantId,
    mac_address: port.macAddress,
    fixed_ips: port.fixedIps.map(({ subnetId, ipAddress }) => ({ subnet_id: subnetId, ip_address: ipAddress })),
    device_id: port.deviceId,
    device_owner: port.deviceOwner,
    admin_state_up: port.adminStateUp,
    port_security_enabled: port.portSecurityEnabled,
    allowed_address_pairs: port.allowedAddressPairs.map(({ macAddress, prefix }) => ({
      mac_address: macAddress ?? port.macAddress,
      ip_address: formatPairAddress(prefix),
    })),
    dns_name: port.dnsName ?? "",
    status,
    status_reason: reason,
  };
}

/** Ports, whose status is what `realised` says. */
export function portResource(realised: Realised): Resource<Port, NewPort, PortPatch> {
  return {
    singular: "port",
    plural: "ports",
    filters: [
      "id",
      "network_id",
      "name",
      "tenant_id",
      "mac_address",
      "device_id",
      "device_owner",
      "admin_state_up",
      "port_security_enabled",
      "status",
    ],
    creation,
    change,
    list: (db) => listPorts(db),
    get: getPort,
    create: createPort,
    update: updatePort,
    remove: deletePort,
    present: (_, ports) => Promise.resolve(ports.map((port) => fromIntent(port, realised.port(port.id)))),
    settled: ({ id }, signal) => realised.portSettled(id, signal),
  };
}
