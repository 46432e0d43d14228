import { randomUuid, type Uuid } from "@loomstack/core";
import {
  checkMostMtu,
  createNetwork,
  deleteNetwork,
  effectiveMtu,
  getNetwork,
  isIpv6Subnet,
  isOverlayType,
  listNetworks,
  listSubnetPools,
  listSubnets,
  type Network,
  type NetworkPatch,
  networksSharedWith,
  networkTypes,
  type Store,
  type Subnet,
  unshareNetwork,
  updateNetwork,
} from "@loomstack/model";
import { z } from "zod";
import { attributesOf, type Posted, type Put } from "../attributes/attribute.ts";
import { dnsDomain, label, truth, whole } from "../attributes/members.ts";
import { standardAttributes } from "../attributes/standard.ts";
import { type Caller, type Standing, standingBy } from "../caller.ts";
import type { NeutronOptions } from "../options.ts";
import type { Resource } from "../resource.ts";

type Scopes = { readonly [Version in 4 | 6]?: string };

interface ShownNetwork {
  readonly network: Network;
  readonly subnets: readonly string[];
  /** Bytes. */
  readonly mtu: number;
  /** The address scopes of its subnets, by version of IP. */
  readonly scopes: Scopes;
}

/** Bytes; 0 means what leaving it out means: as large as the underlay allows. */
const mtu = whole
  .pipe(z.int().min(0).max(65_535))
  .nullable()
  .transform((bytes) => (bytes === 0 ? null : bytes));

const forAdministrators = { seenBy: "administrator", setBy: (): Standing => "administrator" } as const;

const standard = standardAttributes<ShownNetwork>(({ network }) => network);

const attributes = attributesOf<ShownNetwork>()({
  ...standard,
  admin_state_up: { show: ({ network }) => network.adminStateUp, post: truth.default(true), put: truth },
  status: { show: ({ network }) => (network.adminStateUp ? "ACTIVE" : "DOWN") },
  shared: {
    show: ({ network }) => network.shared,
    post: truth.default(false),
    put: truth,
    setBy: (shared) => (shared === true ? "administrator" : "owner"),
  },
  subnets: { show: ({ subnets }) => subnets, filter: false },
  mtu: { show: ({ mtu: bytes }) => bytes, post: mtu.default(null), put: mtu },
  port_security_enabled: {
    show: ({ network }) => network.portSecurityEnabled,
    post: truth.default(true),
    put: truth,
  },
  dns_domain: {
    show: ({ network }) => (network.dnsDomain === null ? "" : `${network.dnsDomain}.`),
    post: dnsDomain.default(null),
    put: dnsDomain,
  },
  "provider:network_type": {
    show: ({ network }) => network.networkType,
    post: z.enum(networkTypes, { error: `it is one of ${networkTypes.join(", ")}` }).default("vxlan"),
    ...forAdministrators,
  },
  "provider:physical_network": {
    show: ({ network }) => network.physicalNetwork,
    post: label.nullish(),
    ...forAdministrators,
  },
  "provider:segmentation_id": {
    show: ({ network }) => (isOverlayType(network.networkType) ? network.tunnelKey : network.segmentationId),
    post: whole.nullish(),
    ...forAdministrators,
  },
  ipv4_address_scope: { show: ({ scopes }) => scopes[4] ?? null, filter: false },
  ipv6_address_scope: { show: ({ scopes }) => scopes[6] ?? null, filter: false },
  "loomstack:learn_addresses": {
    show: ({ network }) => network.learnsAddresses,
    post: truth.default(true),
    put: truth,
  },
});

type Declared = typeof attributes;

/** Networks. What carries one is for administrators to see and to choose. */
export function networkResource({
  random,
  underlayMtu,
}: Pick<NeutronOptions, "random" | "underlayMtu">): Resource<Network, ShownNetwork, Declared> {
  const carried = (network: Network): Network => {
    checkMostMtu(network, underlayMtu);
    return network;
  };
  return {
    singular: "network",
    plural: "networks",
    attributes,
    quota: "network",
    list: listNetworks,
    get: getNetwork,
    async standings(db, caller) {
      const shared = await sharedWith(db, caller);
      return (network) => standingTo(network, caller, shared);
    },
    standingToCreate: (_, { isAdministrator }) => Promise.resolve(isAdministrator ? "administrator" : "network owner"),
    create: async (tx, wanted, tenantId) =>
      carried(await createNetwork(tx, { id: randomUuid(random), tenantId, ...toIntent(wanted) })),
    async update(tx, { id, shared }, patch) {
      if (shared && patch.shared === false) await unshareNetwork(tx, id);
      return carried(await updateNetwork(tx, id, toPatch(patch)));
    },
    tag: (tx, { id }, tags) => updateNetwork(tx, id, { tags }),
    remove: deleteNetwork,
    async present(db, networks) {
      const [only] = networks;
      const subnets = await (only && networks.length === 1 ? listSubnets(db, only.id) : listSubnets(db));
      const byNetwork = Map.groupBy(subnets, ({ networkId }) => networkId);
      const scopeOf = await scopesOfPools(db, subnets);
      return networks.map((network) => ({
        network,
        subnets: (byNetwork.get(network.id) ?? []).map(({ id }) => id),
        mtu: effectiveMtu(network, underlayMtu),
        scopes: scopesOf(byNetwork.get(network.id) ?? [], scopeOf),
      }));
    },
  };
}

/** The address scope of each subnet pool that has one. */
async function scopesOfPools(db: Store["db"], subnets: readonly Subnet[]): Promise<ReadonlyMap<string, string>> {
  if (subnets.every(({ subnetPoolId }) => subnetPoolId === null)) return new Map();
  const pools = await listSubnetPools(db);
  return new Map(pools.flatMap(({ id, addressScopeId }) => (addressScopeId === null ? [] : [[id, addressScopeId]])));
}

/** The subnets of one network and version of IP are of one pool, and so of one scope. */
function scopesOf(subnets: readonly Subnet[], scopeOf: ReadonlyMap<string, string>): Scopes {
  const scopes: { [Version in 4 | 6]?: string } = {};
  for (const subnet of subnets) {
    const scope = scopeOf.get(subnet.subnetPoolId ?? "");
    if (scope !== undefined) scopes[isIpv6Subnet(subnet) ? 6 : 4] = scope;
  }
  return scopes;
}

/**
 * What a caller is to a network: its own, one that is shared with it, or none of its business.
 *
 * @param shared the networks that are shared with the caller by name
 */
export function standingTo(
  { id, tenantId, shared: isShared }: Pick<Network, "id" | "tenantId" | "shared">,
  caller: Caller,
  shared: ReadonlySet<Uuid>,
): Standing {
  const standing = standingBy(caller, tenantId);
  return standing === "nobody" && (isShared || shared.has(id)) ? "viewer" : standing;
}

/** The networks that are shared with the caller's project by name. */
export async function sharedWith(db: Store["db"], { projectId }: Caller): Promise<ReadonlySet<Uuid>> {
  return projectId === undefined ? new Set() : networksSharedWith(db, projectId);
}

function toIntent(wanted: Posted<Declared>) {
  return {
    name: wanted.name,
    description: wanted.description,
    adminStateUp: wanted.admin_state_up,
    shared: wanted.shared,
    mtu: wanted.mtu,
    portSecurityEnabled: wanted.port_security_enabled,
    dnsDomain: wanted.dns_domain,
    learnsAddresses: wanted["loomstack:learn_addresses"],
    networkType: wanted["provider:network_type"],
    physicalNetwork: wanted["provider:physical_network"] ?? null,
    segmentationId: wanted["provider:segmentation_id"] ?? null,
  };
}

function toPatch(put: Put<Declared>): NetworkPatch {
  return {
    ...(put.name !== undefined && { name: put.name }),
    ...(put.description !== undefined && { description: put.description }),
    ...(put.admin_state_up !== undefined && { adminStateUp: put.admin_state_up }),
    ...(put.shared !== undefined && { shared: put.shared }),
    ...(put.mtu !== undefined && { mtu: put.mtu }),
    ...(put.port_security_enabled !== undefined && { portSecurityEnabled: put.port_security_enabled }),
    ...(put.dns_domain !== undefined && { dnsDomain: put.dns_domain }),
    ...(put["loomstack:learn_addresses"] !== undefined && { learnsAddresses: put["loomstack:learn_addresses"] }),
  };
}
