import { cidrAddress, cidrSize, formatCidr, type Ipv4, ipv4FromNumber, ipv4ToNumber, parseCidr } from "@loomstack/core";
import {
  createSubnet,
  deleteSubnet,
  getSubnet,
  listSubnets,
  type NewSubnet,
  type Subnet,
  type SubnetPatch,
  updateSubnet,
} from "@loomstack/model";
import { z } from "zod";
import { cidr, emptyList, ipv4, label, unchangeable, uuid } from "./members.ts";
import type { Members, Resource } from "./resource.ts";

const creation = z
  .strictObject({
    id: uuid,
    network_id: uuid,
    name: label.default(""),
    tenant_id: label.default(""),
    ip_version: z.literal(4, { error: "only 4 is supported yet" }).default(4),
    cidr,
    gateway_ip: ipv4.nullish(),
    enable_dhcp: z.boolean().default(true),
    allocation_pools: emptyList,
    dns_nameservers: emptyList,
    host_routes: emptyList,
    ipv6_address_mode: z.null().optional(),
    ipv6_ra_mode: z.null().optional(),
  })
  .transform((body): NewSubnet => ({
    id: body.id,
    networkId: body.network_id,
    name: body.name,
    tenantId: body.tenant_id,
    cidr: formatCidr(body.cidr),
    // Left out, it is the first address; null means that there is none.
    gatewayIp: body.gateway_ip === undefined ? cidrAddress(body.cidr, 1) : body.gateway_ip,
    enableDhcp: body.enable_dhcp,
  }));

const change = z
  .strictObject({
    name: label.optional(),
    gateway_ip: ipv4.nullish(),
    enable_dhcp: z.boolean().optional(),
    dns_nameservers: emptyList,
    host_routes: emptyList,
    id: unchangeable,
    network_id: unchangeable,
    tenant_id: unchangeable,
    ip_version: unchangeable,
    cidr: unchangeable,
    allocation_pools: unchangeable,
  })
  .transform(({ name, gateway_ip: gatewayIp, enable_dhcp: enableDhcp }): SubnetPatch => ({
    ...(name !== undefined && { name }),
    ...(gatewayIp !== undefined && { gatewayIp }),
    ...(enableDhcp !== undefined && { enableDhcp }),
  }));

function fromIntent(subnet: Subnet): Members {
  return {
    id: subnet.id,
    network_id: subnet.networkId,
    name: subnet.name,
    tenant_id: subnet.tenantId,
    ip_version: 4,
    cidr: subnet.cidr,
    gateway_ip: subnet.gatewayIp,
    enable_dhcp: subnet.enableDhcp,
    allocation_pools: pools(subnet),
    dns_nameservers: [],
    host_routes: [],
  };
}

/** The addresses that ports can have: all that hosts can have, without the gateway's. */
function pools(subnet: Subnet): readonly { readonly start: Ipv4; readonly end: Ipv4 }[] {
  const prefix = parseCidr(subnet.cidr);
  const first = ipv4ToNumber(prefix.network) + 1;
  const last = first + cidrSize(prefix) - 3;
  const gateway = subnet.gatewayIp === null ? last + 1 : ipv4ToNumber(subnet.gatewayIp);
  return [
    { start: first, end: gateway - 1 },
    { start: gateway + 1, end: last },
  ]
    .filter(({ start, end }) => start <= end)
    .map(({ start, end }) => ({ start: ipv4FromNumber(start), end: ipv4FromNumber(end) }));
}

export const subnetResource: Resource<Subnet, NewSubnet, SubnetPatch> = {
  singular: "subnet",
  plural: "subnets",
  filters: ["id", "network_id", "name", "tenant_id", "ip_version", "cidr", "gateway_ip", "enable_dhcp"],
  creation,
  change,
  list: (db) => listSubnets(db),
  get: getSubnet,
  create: createSubnet,
  update: updateSubnet,
  remove: deleteSubnet,
  present: (_, subnets) => Promise.resolve(subnets.map(fromIntent)),
};
