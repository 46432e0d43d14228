import { LoomstackError, type Revision, type Uuid } from "@loomstack/core";
import { type Binding, listBindings } from "./binding.ts";
import type { Change } from "./change.ts";
import { type LearntAddresses, listLearntAddresses } from "./learnt-address.ts";
import { listNetworks, type Network } from "./network.ts";
import { listNodes, type Node } from "./node.ts";
import { listPorts, type Port } from "./port.ts";
import { listSwitches, type RegisteredSwitch } from "./registered-switch.ts";
import { listStaticFlows, type StaticFlow } from "./static-flow.ts";
import type { Commit, Store } from "./store.ts";
import { listSubnets, type Subnet } from "./subnet.ts";
import { listTunnelEndpoints, type TunnelEndpoint } from "./tunnel-endpoint.ts";

/** All that users asked for of the controller, as of one revision, in memory. `applyCommit` keeps it current. */
export interface Intent {
  revision: Revision;
  readonly networks: Map<Uuid, Network>;
  readonly subnets: Map<Uuid, Subnet>;
  /** The subnets of each network that has any. */
  readonly subnetsByNetwork: Map<Uuid, Set<Uuid>>;
  readonly ports: Map<Uuid, Port>;
  /** The ports of each network that has any. */
  readonly portsByNetwork: Map<Uuid, Set<Uuid>>;
  /** By system-id. */
  readonly nodes: Map<string, Node>;
  /** By port: the hypervisor that it was last seen on. */
  readonly bindings: Map<Uuid, Binding>;
  /** By hypervisor key. */
  readonly tunnelEndpoints: Map<string, TunnelEndpoint>;
  /** By port: the addresses that its guest has shown, where nobody told us any. */
  readonly learntAddresses: Map<Uuid, LearntAddresses>;
  /** By datapath id. */
  readonly switches: Map<string, RegisteredSwitch>;
  readonly staticFlows: Map<Uuid, StaticFlow>;
  /** The static flows of each switch that has any. */
  readonly staticFlowsBySwitch: Map<string, Set<Uuid>>;
}

/**
 * Reads intent as of one revision. Whoever wants to follow it listens to `store.commits` first, loads then, and applies
 * what was told meanwhile: a commit that is included already is passed over.
 */
export async function loadIntent(store: Store): Promise<Intent> {
  return store.db.transaction().execute(async (db) => {
    const { revision } = await db.selectFrom("store_revision").select("revision").executeTakeFirstOrThrow();
    const subnets = await listSubnets(db);
    const ports = await listPorts(db);
    const staticFlows = await listStaticFlows(db);
    return {
      revision: revision as Revision,
      networks: new Map((await listNetworks(db)).map((network) => [network.id, network])),
      subnets: new Map(subnets.map((subnet) => [subnet.id, subnet])),
      subnetsByNetwork: idsBy(subnets, (subnet) => subnet.networkId),
      ports: new Map(ports.map((port) => [port.id, port])),
      portsByNetwork: idsBy(ports, (port) => port.networkId),
      nodes: new Map((await listNodes(db)).map((node) => [node.systemId, node])),
      bindings: new Map((await listBindings(db)).map((binding) => [binding.portId, binding])),
      tunnelEndpoints: new Map((await listTunnelEndpoints(db)).map((endpoint) => [endpoint.nodeKey, endpoint])),
      learntAddresses: new Map((await listLearntAddresses(db)).map((learnt) => [learnt.portId, learnt])),
      switches: new Map((await listSwitches(db)).map((one) => [one.dpid, one])),
      staticFlows: new Map(staticFlows.map((flow) => [flow.id, flow])),
      staticFlowsBySwitch: idsBy(staticFlows, (flow) => flow.dpid),
    };
  });
}

/**
 * Brings `intent` to the commit's revision.
 *
 * @throws MODEL__REVISION_MISSED when commits between the two are missing
 */
export function applyCommit(intent: Intent, commit: Commit): void {
  if (commit.revision <= intent.revision) return;
  if (commit.revision !== intent.revision + 1) {
    throw new LoomstackError("MODEL__REVISION_MISSED", { known: intent.revision, told: commit.revision });
  }
  for (const change of commit.changes) applyChange(intent, change);
  intent.revision = commit.revision;
}

function applyChange(intent: Intent, change: Change): void {
  switch (change.resource) {
    case "network":
      return put(intent.networks, change.id, change.after);
    case "subnet":
      put(intent.subnets, change.id, change.after);
      if (change.before) removeMember(intent.subnetsByNetwork, change.before.networkId, change.id);
      if (change.after) addMember(intent.subnetsByNetwork, change.after.networkId, change.id);
      return undefined;
    case "node":
      return put(intent.nodes, change.id, change.after);
    case "binding":
      return put(intent.bindings, change.id, change.after);
    case "learntAddresses":
      return put(intent.learntAddresses, change.id, change.after);
    case "tunnelEndpoint":
      return put(intent.tunnelEndpoints, change.id, change.after);
    case "port":
      put(intent.ports, change.id, change.after);
      if (change.before) removeMember(intent.portsByNetwork, change.before.networkId, change.id);
      if (!change.after) {
        intent.bindings.delete(change.id);
        intent.learntAddresses.delete(change.id);
      }
      if (change.after) addMember(intent.portsByNetwork, change.after.networkId, change.id);
      return undefined;
    case "switch":
      return put(intent.switches, change.id, change.after);
    case "staticFlow":
      put(intent.staticFlows, change.id, change.after);
      if (change.before) removeMember(intent.staticFlowsBySwitch, change.before.dpid, change.id);
      if (change.after) addMember(intent.staticFlowsBySwitch, change.after.dpid, change.id);
      return undefined;
    default:
      // The cloud's own objects are no part of what the controller is asked for.
      return undefined;
  }
}

function idsBy<K, V extends { readonly id: Uuid }>(values: readonly V[], key: (value: V) => K): Map<K, Set<Uuid>> {
  return new Map(
    [...Map.groupBy(values, key)].map(([group, members]) => [group, new Set(members.map(({ id }) => id))]),
  );
}

function put<K, V>(map: Map<K, V>, key: K, value: V | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

function addMember<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const members = map.get(key);
  if (members) members.add(value);
  else map.set(key, new Set([value]));
}

function removeMember<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const members = map.get(key);
  members?.delete(value);
  if (members?.size === 0) map.delete(key);
}
