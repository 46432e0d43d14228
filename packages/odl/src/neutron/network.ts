import {
  checkMostMtu,
  createNetwork,
  deleteNetwork,
  effectiveMtu,
  getNetwork,
  listNetworks,
  listSubnets,
  type Network,
  type NetworkPatch,
  networkTypes,
  type NewNetwork,
  type Realised,
  type Subnet,
  updateNetwork,
} from "@loomstack/model";
import { dnsDomain, ignored, label, unchangeable, uuid } from "@loomstack/neutron";
import { z } from "zod";
import type { Members, Resource } from "./resource.ts";

/** Any number that Java's Integer holds: CloudStack's plug-in sends random ones. Some clients quote it. */
const segmentationId = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^-?\d{1,10}$/, "is not a whole number")
      .transform(Number),
  ])
  .pipe(
    z
      .number()
      .int()
      .min(-(2 ** 31))
      .max(2 ** 31 - 1),
  );

/** Bytes; 0 means what leaving it out means, as in Neutron: as large as the underlay allows. */
const mtu = z
  .int()
  .min(0)
  .max(65_535)
  .nullable()
  .transform((bytes) => (bytes === 0 ? null : bytes));

const notExternal = z.literal(false, { error: "external networks aren't supported yet" }).optional();

const creation = z
  .strictObject({
    id: uuid,
    name: label.default(""),
    tenant_id: label.default(""),
    shared: z.boolean().default(false),
    admin_state_up: z.boolean().default(true),
    "provider:network_type": z.enum(networkTypes).default("vxlan"),
    "provider:segmentation_id": segmentationId.nullish(),
    "provider:physical_network": label.nullish(),
    "router:external": notExternal,
    mtu: mtu.default(null),
    dns_domain: dnsDomain.default(null),
    "loomstack:learn_addresses": z.boolean().default(true),
    status: ignored,
    subnets: ignored,
  })
  .transform(toIntent);

const change = z
  .strictObject({
    name: label.optional(),
    shared: z.boolean().optional(),
    admin_state_up: z.boolean().optional(),
    "router:external": notExternal,
    mtu: mtu.optional(),
    dns_domain: dnsDomain.optional(),
    "loomstack:learn_addresses": z.boolean().optional(),
    id: unchangeable,
    tenant_id: unchangeable,
    status: unchangeable,
    "provider:network_type": unchangeable,
    "provider:segmentation_id": unchangeable,
    "provider:physical_network": unchangeable,
  })
  .transform(toPatch);

interface ChangeBody {
  readonly name?: string | undefined;
  readonly shared?: boolean | undefined;
  readonly admin_state_up?: boolean | undefined;
  readonly mtu?: number | null | undefined;
  readonly dns_domain?: string | null | undefined;
  readonly "loomstack:learn_addresses"?: boolean | undefined;
}

function toPatch(body: ChangeBody): NetworkPatch {
  const { name, shared, admin_state_up: adminStateUp, mtu: bytes, dns_domain: domain } = body;
  const learnsAddresses = body["loomstack:learn_addresses"];
  return {
    ...(name !== undefined && { name }),
    ...(shared !== undefined && { shared }),
    ...(adminStateUp !== undefined && { adminStateUp }),
    ...(bytes !== undefined && { mtu: bytes }),
    ...(domain !== undefined && { dnsDomain: domain }),
    ...(learnsAddresses !== undefined && { learnsAddresses }),
  };
}

interface NetworkBody extends Pick<NewNetwork, "id" | "name" | "shared"> {
  readonly tenant_id: string;
  readonly admin_state_up: boolean;
  readonly mtu: number | null;
  readonly dns_domain: string | null;
  readonly "loomstack:learn_addresses": boolean;
  readonly "provider:network_type": NewNetwork["networkType"];
  readonly "provider:segmentation_id"?: number | null | undefined;
  readonly "provider:physical_network"?: string | null | undefined;
}

function toIntent(body: NetworkBody): NewNetwork {
  return {
    id: body.id,
    name: body.name,
    tenantId: body.tenant_id,
    shared: body.shared,
    adminStateUp: body.admin_state_up,
    networkType: body["provider:network_type"],
    segmentationId: body["provider:segmentation_id"] ?? null,
    // Some clients send an empty name where there is none.
    physicalNetwork: body["provider:physical_network"] || null,
    mtu: body.mtu,
    dnsDomain: body.dns_domain,
    learnsAddresses: body["loomstack:learn_addresses"],
  };
}

function fromIntent(network: Network, subnets: readonly Subnet[], underlayMtu: number | undefined): Members {
  return {
    id: network.id,
    name: network.name,
    tenant_id: network.tenantId,
    shared: network.shared,
    admin_state_up: network.adminStateUp,
    status: network.adminStateUp ? "ACTIVE" : "DOWN",
    mtu: effectiveMtu(network, underlayMtu),
    dns_domain: network.dnsDomain === null ? "" : `${network.dnsDomain}.`,
    "loomstack:learn_addresses": network.learnsAddresses,
    "router:external": false,
    "provider:network_type": network.networkType,
    // CloudStack's plug-in fails on a network without this number, so one that has none of its client's shows ours.
    "provider:segmentation_id": network.segmentationId ?? network.tunnelKey,
    "provider:physical_network": network.physicalNetwork,
    subnets: subnets.map(({ id }) => id),
  };
}

/**
 * Networks, whose MTU is what an encapsulation leaves of the underlay's.
 *
 * @param underlayMtu bytes; default: `defaultUnderlayMtu`
 */
export function networkResource(realised: Realised, underlayMtu?: number): Resource<Network, NewNetwork, NetworkPatch> {
  const carried = (network: Network): Network => {
    checkMostMtu(network, underlayMtu);
    return network;
  };
  return {
    singular: "network",
    plural: "networks",
    filters: [
      "id",
      "name",
      "tenant_id",
      "shared",
      "admin_state_up",
      "mtu",
      "status",
      "router:external",
      "provider:network_type",
      "provider:segmentation_id",
      "provider:physical_network",
    ],
    creation,
    change,
    list: listNetworks,
    get: getNetwork,
    create: async (tx, wanted) => carried(await createNetwork(tx, wanted)),
    update: async (tx, id, patch) => carried(await updateNetwork(tx, id, patch)),
    remove: deleteNetwork,
    settled: ({ id }, signal) => realised.objectRealised("network", id, signal),
    async present(db, networks) {
      const [only] = networks;
      const subnets = await (only && networks.length === 1 ? listSubnets(db, only.id) : listSubnets(db));
      const byNetwork = Map.groupBy(subnets, ({ networkId }) => networkId);
      return networks.map((network) => fromIntent(network, byNetwork.get(network.id) ?? [], underlayMtu));
    },
  };
}
