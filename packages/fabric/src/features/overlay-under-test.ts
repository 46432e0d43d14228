/** What the tests of features share: hypervisors of fake switches, joined by patches and tunnels. */
import type { Ip, Ipv4, Ipv6, LocalVlan, Mac, OfPort, Uuid } from "@loomstack/core";
import type { Flow } from "@loomstack/openflow";
import type { Intent, NetworkType, Port } from "@loomstack/model";
import { FakeSwitch, type Packet } from "@loomstack/testkit";
import { SharedPlan } from "../compile/shared-plan.ts";
import { HypervisorPlan } from "../compile/hypervisor-plan.ts";
import { LocalNetworks } from "../compile/local-networks.ts";
import type { Encapsulation } from "../compile/plan.ts";
import { intentOf, mac, networkOf, portOf, revision, uuid } from "../intent/intent-under-test.ts";
import { etherType } from "../packets/protocol-numbers.ts";
import { Placement } from "../intent/placement.ts";
import type { BridgeName } from "../pipeline/tables.ts";

const patch = 1 as OfPort;
const tunnelPorts: ReadonlyMap<Encapsulation, OfPort> = new Map([
  ["vxlan", 2 as OfPort],
  ["gre", 3 as OfPort],
  ["geneve", 4 as OfPort],
]);
const networkTypes: readonly NetworkType[] = ["geneve", "vxlan", "gre"];
export const broadcast = "ff:ff:ff:ff:ff:ff" as Mac;

export interface Guest {
  readonly id: Uuid;
  readonly network: number;
  readonly host: number;
  readonly mac: Mac;
  readonly address: Ipv4;
  readonly address6: Ipv6;
  /** The addresses that intent says it has. */
  readonly known: readonly Ip[];
  /** What else intent says of its port. */
  readonly port: Partial<Port>;
}

const hostKey = (host: number): string => `OVS/host-${host}`;
export const endpoint = (host: number): Ipv4 => `192.0.2.${host + 1}` as Ipv4;

/**
 * Guest number `number` of a network; the same number in two networks has the same addresses. Intent knows its IPv4
 * address, or none.
 */
export function guest(network: number, number: number, host: number, knowsAddress = true): Guest {
  const address = `10.0.0.${number}` as Ipv4;
  return {
    id: uuid(1000 * network + number),
    network,
    host,
    mac: mac(number),
    address,
    address6: `2001:db8::${number}` as Ipv6,
    known: knowsAddress ? [address] : [],
    port: {},
  };
}

/** The same guest, with both of its addresses known. */
export function dualStack(one: Guest, port: Partial<Port> = {}): Guest {
  return { ...one, known: [one.address, one.address6], port };
}

function intentWith(guests: readonly Guest[]): Intent {
  const networks = [...new Set(guests.map((one) => one.network))];
  const hosts = [...new Set(guests.map(({ host }) => host))];
  return intentOf(
    networks.map((n) => networkOf(n, { networkType: networkTypes[n % 3] ?? "vxlan" })),
    guests.map((one) =>
      portOf(one.id, uuid(one.network), one.mac, {
        fixedIps: one.known.map((ipAddress) => ({ subnetId: uuid(9), ipAddress })),
        ...one.port,
      }),
    ),
    {
      bindings: new Map(guests.map((one) => [one.id, { portId: one.id, nodeKey: hostKey(one.host), revision }])),
      tunnelEndpoints: new Map(
        hosts.map((host) => [hostKey(host), { nodeKey: hostKey(host), address: endpoint(host), revision }]),
      ),
    },
  );
}

/** An IPv4 packet from a guest to another one. */
export const ip = (from: Guest, to: Guest): Packet => ({
  ethSrc: from.mac,
  ethDst: to.mac,
  ethType: etherType.ipv4,
  ipv4Src: from.address,
  ipv4Dst: to.address,
});

/** A guest's question who has an address. */
export const arp = (from: Guest, address: Ipv4): Packet => ({
  ethSrc: from.mac,
  ethDst: broadcast,
  ethType: etherType.arp,
  arpOp: 1,
  arpSha: from.mac,
  arpSpa: from.address,
  arpTpa: address,
});

/** Hypervisors of fake switches, joined by patches and tunnels: says whom a packet reaches. */
export class FakeOverlay {
  readonly #guests: readonly Guest[];
  readonly #bridges = new Map<number, { readonly int: FakeSwitch; readonly tun: FakeSwitch }>();

  /** @param advertisesNeighbours whether the switches can answer neighbour solicitations */
  constructor(guests: readonly Guest[], advertisesNeighbours = true) {
    this.#guests = guests;
    const intent = intentWith(guests);
    const placement = Placement.of(intent);
    for (const host of new Set(guests.map((one) => one.host))) {
      const key = hostKey(host);
      const local = guests.filter((one) => one.host === host);
      const plan = new HypervisorPlan({ shared: new SharedPlan(intent, placement), key });
      const { present, encapsulations } = new LocalNetworks(intent, placement, key);
      plan.compile({
        interfaces: new Map(local.map((one) => [one.id, this.portOf(one)])),
        patch: { onInt: patch, onTun: patch },
        advertisesNeighbours,
        tunnels: new Map([...tunnelPorts].filter(([encapsulation]) => encapsulations.has(encapsulation))),
        uplinks: new Map(),
        vlans: new Map([...present.keys()].sort().map((network, index) => [network, (index + 1) as LocalVlan])),
      });
      const of = (bridge: BridgeName): FakeSwitch =>
        FakeSwitch.with([...plan.desired.of(bridge).flows()].map(({ flow }) => flow));
      this.#bridges.set(host, { int: of("br-int"), tun: of("br-tun") });
    }
  }

  /** The flows that br-int of a hypervisor holds. */
  intFlows(host: number): readonly Flow[] {
    return this.#bridges.get(host)?.int.flows ?? [];
  }

  portOf(one: Guest): OfPort {
    return (10 + this.#guests.indexOf(one)) as OfPort;
  }

  /**
   * Sends `packet` from a guest. Gives the ids of the guests that it reaches, sorted, and the packet as the first of
   * them sees it.
   */
  send(from: Guest, packet: Packet): { readonly reached: readonly Uuid[]; readonly seen: Packet | undefined } {
    const arrivals = this.#intoInt(from.host, packet, this.portOf(from));
    return { reached: arrivals.map(({ id }) => id).sort(), seen: arrivals[0]?.packet };
  }

  /** Lets a packet come out of the tunnel of `host`, as if somebody on the underlay had sent it. */
  fromUnderlay(host: number, packet: Packet, encapsulation: Encapsulation = "vxlan"): readonly Uuid[] {
    return this.#intoTun(host, packet, tunnelPorts.get(encapsulation) ?? patch).map(({ id }) => id);
  }

  #intoInt(host: number, packet: Packet, inPort: OfPort): { id: Uuid; packet: Packet }[] {
    const outputs = this.#bridges.get(host)?.int.inject(packet, inPort).outputs ?? [];
    return outputs.flatMap(({ port, packet: out }) => {
      if (port === patch) return this.#intoTun(host, out, patch);
      const receiver = this.#guests.find((one) => one.host === host && this.portOf(one) === port);
      return receiver === undefined ? [] : [{ id: receiver.id, packet: out }];
    });
  }

  #intoTun(host: number, packet: Packet, inPort: OfPort): { id: Uuid; packet: Packet }[] {
    const outputs = this.#bridges.get(host)?.tun.inject(packet, inPort).outputs ?? [];
    return outputs.flatMap(({ port, packet: out }) => {
      const { tunIpv4Src: _source, tunIpv4Dst: destination, tunnelId = 0n, ...inner } = out;
      if (port === patch) return this.#intoInt(host, inner, patch);
      const peer = [...this.#bridges.keys()].find((other) => endpoint(other) === destination);
      return peer === undefined
        ? []
        : this.#intoTun(peer, { ...inner, tunnelId, tunIpv4Src: endpoint(host), tunIpv4Dst: endpoint(peer) }, port);
    });
  }
}
