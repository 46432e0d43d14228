/** A small cloud for tests of what is computed: intent, what databases say, and plans that follow both. */
import type { Ip, Ipv4, LocalVlan, OfPort, Revision, Uuid } from "@loomstack/core";
import type { Change, Network, Port, Subnet } from "@loomstack/model";
import type { Feature } from "../features/feature.ts";
import { applyStep, type IntentStep } from "../intent/intent-step.ts";
import { intentOf, mac, networkOf, portOf, revision, subnetOf, uuid } from "../intent/intent-under-test.ts";
import { Placement } from "../intent/placement.ts";
import { bridgeNames } from "../pipeline/tables.ts";
import type { PlannedFlow } from "../pipeline/planned-flow.ts";
import { HypervisorPlan, type LocalInventory } from "./hypervisor-plan.ts";
import { LocalNetworks } from "./local-networks.ts";
import { SharedPlan } from "./shared-plan.ts";

export const hosts = ["OVS/a", "OVS/b", "OVS/c"] as const;
export type Host = (typeof hosts)[number];

/** Intent, and what the databases of some hypervisors say, with a plan of each that follows both. */
export class World {
  readonly intent = intentOf([], []);
  readonly placement = new Placement();
  readonly shared: SharedPlan;
  readonly #followers: ReadonlyMap<Host, Follower>;

  constructor(followed?: readonly Feature[]) {
    this.shared = new SharedPlan(this.intent, this.placement, followed);
    this.#followers = new Map(hosts.map((host) => [host, new Follower(this, host)]));
  }

  follower(host: Host): Follower {
    const follower = this.#followers.get(host);
    if (follower === undefined) throw new TypeError(`there is no ${host}`);
    return follower;
  }

  /** Makes changes in one step. */
  change(...changes: readonly Change[]): IntentStep {
    const commit = { revision: (this.intent.revision + 1) as Revision, changes };
    const step = applyStep(this.intent, this.placement, commit);
    for (const [key, touched] of step.hypervisors) {
      const follower = this.#followers.get(key as Host);
      follower?.plan.touch(touched);
      follower?.networks.refresh(touched.networks);
    }
    return step;
  }

  putNetwork(id: number, change: Partial<Network>): void {
    const known = this.intent.networks.get(uuid(id));
    this.change(changed("network", uuid(id), known, { ...(known ?? networkOf(id)), ...change }));
  }

  putPort(id: number, change: Partial<Port>): void {
    const known = this.intent.ports.get(uuid(id));
    const wanted = { ...(known ?? portOf(uuid(id), uuid(1), mac(id))), ...change };
    const subnetId = subnetIdOf(wanted.networkId);
    const after = { ...wanted, fixedIps: wanted.fixedIps.map(({ ipAddress }) => ({ subnetId, ipAddress })) };
    if (this.intent.networks.has(after.networkId)) this.change(changed("port", uuid(id), known, after));
  }

  /** A network has one subnet, of which all of its ports' addresses are said to be. */
  putSubnet(networkId: number, change: Partial<Subnet>): void {
    const id = subnetIdOf(uuid(networkId));
    const known = this.intent.subnets.get(id);
    const fresh = { ...subnetOf(1, uuid(networkId), "10.0.0.0/24"), id };
    this.change(changed("subnet", id, known, { ...(known ?? fresh), ...change }));
  }

  /** Another subnet of a network, of IPv6. */
  putIpv6Subnet(id: number, networkId: number, change: Partial<Subnet>): void {
    const known = this.intent.subnets.get(uuid(id));
    const after = { ...(known ?? subnetOf(id, uuid(networkId), "2001:db8::/64")), ...change };
    if (this.intent.networks.has(after.networkId)) this.change(changed("subnet", uuid(id), known, after));
  }

  bind(id: number, host: Host | undefined, arrivingAt?: Host): void {
    const portId = uuid(id);
    const arriving = arrivingAt !== undefined && arrivingAt !== host && { arrivingAt };
    const after = host === undefined ? undefined : { portId, nodeKey: host, revision, ...arriving };
    if (this.intent.ports.has(portId)) this.change(changed("binding", portId, this.intent.bindings.get(portId), after));
  }

  putEndpoint(host: Host, address: Ipv4 | undefined): void {
    const after = address === undefined ? undefined : { nodeKey: host, address, revision };
    this.change(changed("tunnelEndpoint", host, this.intent.tunnelEndpoints.get(host), after));
  }

  learn(id: number, addresses: readonly Ip[]): void {
    const portId = uuid(id);
    const shown = addresses.map((address) => ({ address, source: "arp" as const }));
    const after = shown.length === 0 ? undefined : { portId, addresses: shown, revision };
    if (this.intent.ports.has(portId))
      this.change(changed("learntAddresses", portId, this.intent.learntAddresses.get(portId), after));
  }

  remove(id: number): void {
    const port = this.intent.ports.get(uuid(id));
    if (port !== undefined) return void this.change(changed("port", port.id, port, undefined));
    const subnet = this.intent.subnets.get(uuid(id));
    if (subnet !== undefined) return void this.change(changed("subnet", subnet.id, subnet, undefined));
    const network = this.intent.networks.get(uuid(id));
    if (network === undefined) return;
    const ports = [...(this.intent.portsByNetwork.get(network.id) ?? [])].flatMap((each) => {
      const one = this.intent.ports.get(each);
      return one === undefined ? [] : [changed("port", one.id, one, undefined)];
    });
    const subnets = [...(this.intent.subnetsByNetwork.get(network.id) ?? [])].flatMap((each) => {
      const one = this.intent.subnets.get(each);
      return one === undefined ? [] : [changed("subnet", one.id, one, undefined)];
    });
    this.change(...ports, ...subnets, changed("network", network.id, network, undefined));
  }
}

/** A plan that follows, and a switch that holds what its differences have left. */
class Follower {
  readonly plan: HypervisorPlan;
  readonly networks: LocalNetworks;
  local: LocalInventory = {
    interfaces: new Map(),
    patch: { onInt: 1 as OfPort, onTun: 1 as OfPort },
    tunnels: new Map([["vxlan", 2 as OfPort]]),
    vlans: new Map([1, 2, 3].map((id) => [uuid(id), id as LocalVlan])),
    uplinks: new Map([["physnet1", 7 as OfPort]]),
  };
  readonly #world: World;
  readonly #host: Host;
  readonly #held = new Map<string, string>();

  constructor(world: World, host: Host) {
    this.#world = world;
    this.#host = host;
    const { intent, placement } = world;
    this.plan = new HypervisorPlan({ shared: world.shared, key: host });
    this.networks = new LocalNetworks(intent, placement, host);
  }

  /** Compiles, and lets the switch take what that says has changed. */
  settle(): void {
    this.plan.compile(this.local);
    for (const bridge of bridgeNames) {
      for (const [key, { flow, isWanted }] of this.plan.desired.of(bridge).takeChanged()) {
        if (isWanted) this.#held.set(`${bridge} ${key}`, flow.fingerprint);
        else this.#held.delete(`${bridge} ${key}`);
      }
    }
  }

  /** All that it comes to. */
  outcome(): unknown {
    return { ...outcomeOf(this.plan, this.networks), held: sorted(this.#held) };
  }

  /** The same, computed from nothing. */
  fromNothing(): unknown {
    const { intent, placement } = this.#world;
    const plan = new HypervisorPlan({ shared: new SharedPlan(intent, placement), key: this.#host });
    plan.compile(this.local);
    const held = desiredOf(plan).map((flow) => [`${flow.bridge} ${flow.key}`, flow.fingerprint] as const);
    return { ...outcomeOf(plan, new LocalNetworks(intent, placement, this.#host)), held: sorted(held) };
  }
}

/** The flows that should be there. */
export function desiredOf(plan: HypervisorPlan): PlannedFlow[] {
  return [...plan.desired.flows()];
}

function outcomeOf(plan: HypervisorPlan, networks: LocalNetworks): object {
  const flows = desiredOf(plan);
  return {
    flows: flows.map((flow) => [flow.bridge, flow.key, flow.fingerprint, flow.owner, flow.why].join(" ")).sort(),
    size: plan.desired.size,
    missing: flows.filter(({ bridge, key }) => !plan.desired.of(bridge).has(key)),
    peers: plan.peers,
    held: {
      networks: [...plan.held.networks].sort(),
      encapsulations: [...plan.held.encapsulations].sort(),
      uplinks: [...plan.held.uplinks].sort(),
    },
    present: [...networks.present].sort(),
    encapsulations: [...networks.encapsulations].sort(),
    physicalNetworks: [...networks.physicalNetworks].sort(),
  };
}

function sorted(entries: Iterable<readonly [string, string]>): string[] {
  return [...entries].map(([key, value]) => `${key} ${value}`).sort();
}

function subnetIdOf(networkId: Uuid): Uuid {
  return `${networkId.slice(0, -4)}9${networkId.slice(-3)}` as Uuid;
}

function changed(resource: string, id: string, before: unknown, after: unknown): Change {
  return { resource, id, ...(before !== undefined && { before }), ...(after !== undefined && { after }) } as Change;
}
