import {
  formatPrefix,
  ipVersionOf,
  LoomstackError,
  parsePrefix,
  type Prefix,
  prefixAddress,
  randomUuid,
} from "@loomstack/core";
import {
  allocationPoolLimit,
  allocationPools,
  checkCarriesIpv6,
  createSubnet,
  deleteSubnet,
  freePrefix,
  getNetwork,
  getSubnet,
  hostRouteLimit,
  ipv6Modes,
  isIpv6Subnet,
  listSubnets,
  nameserverLimit,
  type NewSubnet,
  type Subnet,
  type SubnetPatch,
  type Tx,
  updateSubnet,
} from "@loomstack/model";
import { z } from "zod";
import { attributesOf, type Posted, type Put } from "../attributes/attribute.ts";
import { ip, prefix, truth, uuid, whole } from "../attributes/members.ts";
import { standardAttributes } from "../attributes/standard.ts";
import { isAtLeast, type Standing } from "../caller.ts";
import { isAmong } from "../lists/selection.ts";
import type { NeutronOptions } from "../options.ts";
import type { Resource } from "../resource.ts";
import { checkPoolSeen } from "./subnet-pool.ts";
import { networkStandings, visibleNetwork } from "./network-standings.ts";

interface ShownSubnet {
  readonly subnet: Subnet;
  /** Whether its network is. */
  readonly isShared: boolean;
}

const mode = z.enum(ipv6Modes, { error: `it is null or one of ${ipv6Modes.join(", ")}` }).nullable();

const nameservers = z
  .array(ip)
  .max(nameserverLimit)
  .nullable()
  .transform((given) => given ?? []);

const routes = z
  .array(
    z
      .strictObject({ destination: prefix, nexthop: ip })
      .transform(({ destination, nexthop }) => ({ destination: formatPrefix(destination), nextHop: nexthop })),
  )
  .max(hostRouteLimit)
  .nullable()
  .transform((given) => given ?? []);

const pools = z
  .array(z.strictObject({ start: ip, end: ip }))
  .min(1, "name a pool, or leave it out for all addresses")
  .max(allocationPoolLimit);

const standard = standardAttributes<ShownSubnet>(({ subnet }) => subnet);

const attributes = attributesOf<ShownSubnet>()({
  ...standard,
  network_id: { show: ({ subnet }) => subnet.networkId, post: uuid },
  ip_version: {
    show: ({ subnet }) => ipVersionOf(parsePrefix(subnet.cidr).network),
    post: whole.pipe(z.literal([4, 6], { error: "it is 4 or 6" })),
  },
  cidr: { show: ({ subnet }) => subnet.cidr, post: prefix.nullish() },
  subnetpool_id: { show: ({ subnet }) => subnet.subnetPoolId, post: uuid.nullish() },
  prefixlen: { post: whole.pipe(z.int().min(0).max(128)).optional() },
  gateway_ip: { show: ({ subnet }) => subnet.gatewayIp, post: ip.nullish(), put: ip.nullable() },
  enable_dhcp: { show: ({ subnet }) => subnet.enableDhcp, post: truth.default(true), put: truth },
  allocation_pools: {
    show: ({ subnet }) => allocationPools(subnet),
    post: pools.optional(),
    put: pools,
    filter: false,
  },
  dns_nameservers: {
    show: ({ subnet }) => subnet.dnsNameservers,
    post: nameservers.default([]),
    put: nameservers,
    filter: false,
  },
  host_routes: {
    show: ({ subnet }) => subnet.hostRoutes.map(({ destination, nextHop }) => ({ destination, nexthop: nextHop })),
    post: routes.default([]),
    put: routes,
    filter: false,
  },
  ipv6_ra_mode: { show: ({ subnet }) => subnet.ipv6RaMode, post: mode.default(null) },
  ipv6_address_mode: { show: ({ subnet }) => subnet.ipv6AddressMode, post: mode.default(null) },
  shared: { filter: ({ isShared }, wanted) => isAmong(isShared, wanted) },
});

type Declared = typeof attributes;

/** Subnets, which belong to whom their network belongs. */
export function subnetResource({
  random,
  underlayMtu,
}: Pick<NeutronOptions, "random" | "underlayMtu">): Resource<Subnet, ShownSubnet, Declared> {
  return {
    singular: "subnet",
    plural: "subnets",
    attributes,
    quota: "subnet",
    list: (db) => listSubnets(db),
    get: getSubnet,
    async standings(db, caller) {
      const toNetwork = await networkStandings(db, caller);
      return ({ networkId, tenantId }) => {
        const standing = toNetwork(networkId);
        const isOwn = tenantId === caller.projectId && !isAtLeast(standing, "owner");
        return isOwn ? "owner" : standing;
      };
    },
    async standingToCreate(db, caller, { network_id, subnetpool_id }): Promise<Standing> {
      const { standing } = await visibleNetwork(db, caller, network_id);
      await checkPoolSeen(db, caller, subnetpool_id);
      return standing;
    },
    async create(tx, wanted, tenantId) {
      const cidr = await prefixOf(tx, wanted);
      const subnet = await createSubnet(tx, { id: randomUuid(random), tenantId, ...toIntent(wanted, cidr) });
      if (isIpv6Subnet(subnet)) checkCarriesIpv6(await getNetwork(tx.db, subnet.networkId), underlayMtu);
      return subnet;
    },
    update: (tx, { id }, patch) => updateSubnet(tx, id, toPatch(patch)),
    tag: (tx, { id }, tags) => updateSubnet(tx, id, { tags }),
    remove: deleteSubnet,
    async present(db, subnets) {
      const shared = await db.selectFrom("networks").select("id").where("shared", "=", 1).execute();
      const ids = new Set(shared.map(({ id }) => id));
      return subnets.map((subnet) => ({ subnet, isShared: ids.has(subnet.networkId) }));
    },
  };
}

/** The prefix that a subnet asks for, or one of its pool. @throws NEUTRON__MALFORMED, and what `freePrefix` throws */
async function prefixOf({ db }: Tx, { cidr, subnetpool_id: pool, prefixlen }: Posted<Declared>): Promise<Prefix> {
  const refuse = (reason: string): never => {
    throw new LoomstackError("NEUTRON__MALFORMED", { reason: `Bad subnets request: ${reason}` });
  };
  if (cidr && prefixlen !== undefined) refuse("cidr and prefixlen must not be supplied together");
  if (cidr) return cidr;
  if (!pool) return refuse("a subnetpool must be specified in the absence of a cidr");
  return parsePrefix(await freePrefix(db, pool, prefixlen));
}

/** @throws NEUTRON__INVALID_INPUT when the prefix is of another version of IP than was said */
function toIntent(wanted: Posted<Declared>, cidr: Prefix): Omit<NewSubnet, "id" | "tenantId"> {
  const { ip_version: version } = wanted;
  if (ipVersionOf(cidr.network) !== version)
    throw new LoomstackError("NEUTRON__INVALID_INPUT", {
      reason: `cidr ${formatPrefix(cidr)} does not match the ip_version '${version}'`,
    });
  return {
    networkId: wanted.network_id,
    name: wanted.name,
    description: wanted.description,
    cidr: formatPrefix(cidr),
    subnetPoolId: wanted.subnetpool_id ?? null,
    // Left out, it is the first address; null means that there is none.
    gatewayIp: wanted.gateway_ip === undefined ? prefixAddress(cidr, 1n) : wanted.gateway_ip,
    enableDhcp: wanted.enable_dhcp,
    allocationPools: wanted.allocation_pools ?? [],
    dnsNameservers: wanted.dns_nameservers,
    hostRoutes: wanted.host_routes,
    ipv6RaMode: wanted.ipv6_ra_mode,
    ipv6AddressMode: wanted.ipv6_address_mode,
  };
}

function toPatch(put: Put<Declared>): SubnetPatch {
  return {
    ...(put.name !== undefined && { name: put.name }),
    ...(put.description !== undefined && { description: put.description }),
    ...(put.gateway_ip !== undefined && { gatewayIp: put.gateway_ip }),
    ...(put.enable_dhcp !== undefined && { enableDhcp: put.enable_dhcp }),
    ...(put.allocation_pools !== undefined && { allocationPools: put.allocation_pools }),
    ...(put.dns_nameservers !== undefined && { dnsNameservers: put.dns_nameservers }),
    ...(put.host_routes !== undefined && { hostRoutes: put.host_routes }),
  };
}
