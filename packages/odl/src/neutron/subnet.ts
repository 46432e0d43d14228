import { formatPrefix, ipVersionOf, parsePrefix, prefixAddress } from "@loomstack/core";
import {
  allocationPoolLimit,
  allocationPools,
  checkCarriesIpv6,
  createSubnet,
  deleteSubnet,
  getNetwork,
  getSubnet,
  hostRouteLimit,
  ipv6Modes,
  isIpv6Subnet,
  listSubnets,
  nameserverLimit,
  type NewSubnet,
  type Realised,
  type Subnet,
  type SubnetPatch,
  updateSubnet,
} from "@loomstack/model";
import { ip, label, prefix, unchangeable, uuid } from "@loomstack/neutron";
import { z } from "zod";
import type { Members, Resource } from "./resource.ts";

const mode = z.enum(ipv6Modes, { error: `is null or one of ${ipv6Modes.join(", ")}` }).nullish();

const nameservers = z.array(ip).max(nameserverLimit).nullish();

const pools = z
  .array(z.strictObject({ start: ip, end: ip }))
  .max(allocationPoolLimit)
  .nullish();

const hostRoutes = z
  .array(
    z
      .strictObject({ destination: prefix, nexthop: ip })
      .transform(({ destination, nexthop }) => ({ destination: formatPrefix(destination), nextHop: nexthop })),
  )
  .max(hostRouteLimit)
  .nullish();

const creation = z
  .strictObject({
    id: uuid,
    network_id: uuid,
    name: label.default(""),
    tenant_id: label.default(""),
    ip_version: z.literal([4, 6], { error: "is 4 or 6" }).optional(),
    cidr: prefix,
    gateway_ip: ip.nullish(),
    enable_dhcp: z.boolean().default(true),
    allocation_pools: pools,
    dns_nameservers: nameservers,
    host_routes: hostRoutes,
    ipv6_address_mode: mode,
    ipv6_ra_mode: mode,
  })
  .refine(({ ip_version: version, cidr }) => version === undefined || version === ipVersionOf(cidr.network), {
    path: ["ip_version"],
    error: "isn't that of cidr",
  })
  .transform((body): NewSubnet => ({
    id: body.id,
    networkId: body.network_id,
    name: body.name,
    tenantId: body.tenant_id,
    cidr: formatPrefix(body.cidr),
    // Left out, it is the first address; null means that there is none.
    gatewayIp: body.gateway_ip === undefined ? prefixAddress(body.cidr, 1n) : body.gateway_ip,
    enableDhcp: body.enable_dhcp,
    ipv6RaMode: body.ipv6_ra_mode ?? null,
    ipv6AddressMode: body.ipv6_address_mode ?? null,
    dnsNameservers: body.dns_nameservers ?? [],
    hostRoutes: body.host_routes ?? [],
    allocationPools: body.allocation_pools ?? [],
  }));

const change = z
  .strictObject({
    name: label.optional(),
    gateway_ip: ip.nullish(),
    enable_dhcp: z.boolean().optional(),
    dns_nameservers: nameservers,
    host_routes: hostRoutes,
    id: unchangeable,
    network_id: unchangeable,
    tenant_id: unchangeable,
    ip_version: unchangeable,
    cidr: unchangeable,
    allocation_pools: pools,
    ipv6_address_mode: unchangeable,
    ipv6_ra_mode: unchangeable,
  })
  .transform((body): SubnetPatch => ({
    ...(body.name !== undefined && { name: body.name }),
    ...(body.gateway_ip !== undefined && { gatewayIp: body.gateway_ip }),
    ...(body.enable_dhcp !== undefined && { enableDhcp: body.enable_dhcp }),
    ...(body.dns_nameservers !== undefined && { dnsNameservers: body.dns_nameservers ?? [] }),
    ...(body.host_routes !== undefined && { hostRoutes: body.host_routes ?? [] }),
    ...(body.allocation_pools !== undefined && { allocationPools: body.allocation_pools ?? [] }),
  }));

function fromIntent(subnet: Subnet): Members {
  return {
    id: subnet.id,
    network_id: subnet.networkId,
    name: subnet.name,
    tenant_id: subnet.tenantId,
    ip_version: ipVersionOf(parsePrefix(subnet.cidr).network),
    cidr: subnet.cidr,
    gateway_ip: subnet.gatewayIp,
    enable_dhcp: subnet.enableDhcp,
    allocation_pools: allocationPools(subnet),
    dns_nameservers: subnet.dnsNameservers,
    host_routes: subnet.hostRoutes.map(({ destination, nextHop }) => ({ destination, nexthop: nextHop })),
    ...(isIpv6Subnet(subnet) && { ipv6_address_mode: subnet.ipv6AddressMode, ipv6_ra_mode: subnet.ipv6RaMode }),
  };
}

/** @param underlayMtu bytes; default: `defaultUnderlayMtu` */
export function subnetResource(realised: Realised, underlayMtu?: number): Resource<Subnet, NewSubnet, SubnetPatch> {
  return {
    singular: "subnet",
    plural: "subnets",
    filters: ["id", "network_id", "name", "tenant_id", "ip_version", "cidr", "gateway_ip", "enable_dhcp"],
    creation,
    change,
    list: (db) => listSubnets(db),
    get: getSubnet,
    async create(tx, wanted) {
      const subnet = await createSubnet(tx, wanted);
      if (isIpv6Subnet(subnet)) checkCarriesIpv6(await getNetwork(tx.db, subnet.networkId), underlayMtu);
      return subnet;
    },
    update: updateSubnet,
    remove: deleteSubnet,
    present: (_, subnets) => Promise.resolve(subnets.map(fromIntent)),
    settled: ({ networkId }, signal) => realised.objectRealised("network", networkId, signal),
  };
}
