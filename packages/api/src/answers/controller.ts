/** What the calls about hypervisors, networks, ports, revisions and events answer with. */
import type { Ip, Ipv4, Mac } from "@loomstack/core";
import {
  addressSources,
  driftKinds,
  type Event,
  type FlowDescription,
  type HypervisorStatus,
  ipv6Modes,
  type Lacking,
  type Network,
  type NetworkStatus,
  type ObjectRealised,
  type Port,
  type PortStatus,
  type Subnet,
  networkTypes,
} from "@loomstack/model";
import { z } from "zod";
import { count, revision, text, uuid, standardAttributes } from "./scalars.ts";

/** `PUT /hypervisors/{system-id}` */
export const hypervisorAnswer = z.object({
  key: z.string(),
  node: z.object({ type: z.string(), id: z.string(), address: text<Ipv4>().nullable(), port: count.nullable() }),
  systemId: z.string().nullable(),
  connection: z.string().nullable(),
  certificate: z.string().nullable(),
  state: z.enum(["connecting", "preparing", "ready", "lost", "refused"]),
  reason: z.string(),
  tunnelEndpoint: text<Ipv4>().nullable(),
  realised: revision,
  bridges: z
    .array(z.object({ name: z.string(), dpid: z.string(), connected: z.boolean(), flows: count, desiredFlows: count }))
    .readonly(),
  counters: z.object({
    ...{ flowModsSent: count, driftRepaired: count, ovsdbTransactions: count },
    ...{ ovsdbConnections: count, openflowConnections: count, rounds: count, roundsFailed: count },
    ...{ packetsPunted: count, puntsDropped: count },
  }),
  drift: z.record(z.enum(driftKinds), count),
}) satisfies z.ZodType<HypervisorStatus>;

/** `GET /hypervisors` */
export const hypervisorsAnswer = z.object({ hypervisors: z.array(hypervisorAnswer).readonly() });

const describedFlow = z.object({
  bridge: z.string(),
  flow: z.string(),
  why: z.string(),
  owner: z.string(),
}) satisfies z.ZodType<FlowDescription>;

/** `GET /hypervisors/{key}/flows` */
export const hypervisorFlowsAnswer = z.object({ flows: z.array(describedFlow).readonly() });

const subnet = z.object({
  id: uuid,
  networkId: uuid,
  name: z.string(),
  tenantId: z.string(),
  cidr: z.string(),
  gatewayIp: text<Ip>().nullable(),
  enableDhcp: z.boolean(),
  ipv6RaMode: z.enum(ipv6Modes).nullable(),
  ipv6AddressMode: z.enum(ipv6Modes).nullable(),
  dnsNameservers: z.array(text<Ip>()).readonly(),
  hostRoutes: z.array(z.object({ destination: z.string(), nextHop: text<Ip>() })).readonly(),
  subnetPoolId: uuid.nullable(),
  allocationPools: z.array(z.object({ start: text<Ip>(), end: text<Ip>() })).readonly(),
  ...standardAttributes,
}) satisfies z.ZodType<Subnet>;

const network = z.object({
  id: uuid,
  name: z.string(),
  tenantId: z.string(),
  shared: z.boolean(),
  adminStateUp: z.boolean(),
  networkType: z.enum(networkTypes),
  physicalNetwork: z.string().nullable(),
  segmentationId: z.number().nullable(),
  tunnelKey: z.custom<Network["tunnelKey"]>((value) => typeof value === "number"),
  mtu: count.nullable(),
  dnsDomain: z.string().nullable(),
  learnsAddresses: z.boolean(),
  portSecurityEnabled: z.boolean(),
  ...standardAttributes,
}) satisfies z.ZodType<Network>;

const networkWithSubnets = network.extend({ subnets: z.array(subnet).readonly() });

/** `GET /networks` */
export const networksAnswer = z.object({ networks: z.array(networkWithSubnets).readonly() });

const lacking = z.object({ who: z.string(), confirmed: revision, reason: z.string() }) satisfies z.ZodType<Lacking>;

const realised = z.object({
  revision,
  realised: z.boolean(),
  reason: z.string(),
  hypervisors: z.array(lacking.extend({ realised: z.boolean() })).readonly(),
}) satisfies z.ZodType<ObjectRealised>;

const networkStatus = z.object({
  status: z.enum(["ACTIVE", "BUILD", "DOWN"]),
  reason: z.string(),
}) satisfies z.ZodType<NetworkStatus>;

/** `GET /networks/{id}` */
export const networkAnswer = networkWithSubnets.extend({ ...networkStatus.shape, realised });

/** `GET /subnets/{id}`; what is realised is that of its network. */
export const subnetAnswer = subnet.extend({ realised });

const port = z.object({
  id: uuid,
  networkId: uuid,
  name: z.string(),
  tenantId: z.string(),
  macAddress: text<Mac>(),
  fixedIps: z.array(z.object({ subnetId: uuid, ipAddress: text<Ip>() })).readonly(),
  deviceId: z.string(),
  deviceOwner: z.string(),
  adminStateUp: z.boolean(),
  portSecurityEnabled: z.boolean(),
  dnsName: z.string().nullable(),
  hostId: z.string(),
  bindingProfile: z.string(),
  allowedAddressPairs: z
    .array(
      z.object({
        macAddress: text<Mac>().nullable(),
        prefix: z.object({ network: text<Ip>(), prefixLength: count }),
      }),
    )
    .readonly(),
  ...standardAttributes,
  status: z.enum(["ACTIVE", "BUILD", "DOWN"]),
  reason: z.string(),
  hypervisor: z.string().nullable(),
  /** Addresses that its guest or a DHCP server has shown, where nobody told us any. */
  learntAddresses: z.array(z.object({ address: text<Ip>(), source: z.enum(addressSources) })).readonly(),
}) satisfies z.ZodType<Port & PortStatus>;

/** `GET /ports` */
export const portsAnswer = z.object({ ports: z.array(port).readonly() });

/** `GET /ports/{id}` */
export const portAnswer = port.extend({ realised });

/** `GET /revision`; with `?wait` also whether that one was reached, and otherwise who has not confirmed it */
export const revisionAnswer = z.object({
  intent: revision,
  realised: revision,
  reached: z.boolean().optional(),
  lacking: z.array(lacking).readonly().optional(),
});

const event = z.object({
  id: count,
  at: z.number(),
  severity: z.enum(["info", "warning", "error"]),
  kind: z.string(),
  hypervisor: z.string().exactOptional(),
  object: z.string().exactOptional(),
  message: z.string(),
}) satisfies z.ZodType<Event>;

/** `GET /events` */
export const eventsAnswer = z.object({ events: z.array(event).readonly() });
