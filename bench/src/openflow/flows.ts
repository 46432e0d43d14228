/**
 * The flows of a hypervisor of a large cloud, in the shape that the tenants' pipeline has (docs/pipeline.md): port
 * security, answers to ARP, unicast and broadcast, and tunnels. All in one bridge: the tables of br-tun come behind
 * those of br-int.
 */
import type { Ipv4, Mac, OfPort } from "@loomstack/core";
import { type Action, type Flow, type Instruction, type Match, Port } from "@loomstack/openflow";

const localPortsPerNetwork = 10;
const remotePortsPerNetwork = 90;
const hypervisorsPerNetwork = 9;

const tables = { classify: 0, portSecurity: 10, arpResponder: 20, forward: 30, encapsulate: 50, decapsulate: 60 };
const patch = 1 as OfPort;
const tunnel = 2 as OfPort;
const ethType = { ipv4: 0x0800, arp: 0x0806 } as const;
const groupAddress = { value: "01:00:00:00:00:00" as Mac, mask: "01:00:00:00:00:00" as Mac };
const wholeMac = { start: 0, bits: 48 };
const wholeIp = { start: 0, bits: 32 };

interface Network {
  readonly number: number;
  readonly tunnelKey: number;
  /** With the bit that says that there is a tag. */
  readonly vlanVid: number;
}

interface Guest {
  readonly mac: Mac;
  readonly address: Ipv4;
  readonly owner: bigint;
}

/** As many flows, all with keys of their own; always the same ones. */
export function realisticFlows(count: number): readonly Flow[] {
  const flows: Flow[] = [];
  for (let number = 0; flows.length < count; number += 1) flows.push(...networkFlows(number));
  return flows.slice(0, count);
}

function networkFlows(number: number): Flow[] {
  const network = { number, tunnelKey: 0x100 + number, vlanVid: 0x1001 + (number % 4000) };
  const guests = Array.from({ length: localPortsPerNetwork + remotePortsPerNetwork }, (_, index) =>
    guestOf(network, index),
  );
  const ports = guests.slice(0, localPortsPerNetwork).map((_, index) => {
    return (100 + number * localPortsPerNetwork + index) as OfPort;
  });
  return [
    ...guests.flatMap((guest, index) => {
      const port = ports[index];
      return port === undefined ? remoteFlows(network, guest, endpointOf(index)) : localFlows(network, guest, port);
    }),
    ...ownFlows(network, ports),
  ];
}

function localFlows(network: Network, guest: Guest, inPort: OfPort): Flow[] {
  const { mac, address, owner } = guest;
  const sender = { inPort, ethSrc: mac };
  const reg0 = network.tunnelKey;
  const permit = (match: Match): Flow => flow("portSecurity", 100, owner, match, [goTo("arpResponder")]);
  const arp = { ...sender, ethType: ethType.arp, arpSha: mac };
  const announced = { inPort, reg0, ethType: ethType.arp, arpOp: 1, arpTpa: address };
  return [
    flow("classify", 100, owner, { inPort }, [apply(toNetwork(network)), goTo("portSecurity")]),
    permit({ ...sender, ethType: ethType.ipv4, ipv4Src: address }),
    permit({ ...arp, arpSpa: address }),
    permit({ ...arp, arpSpa: "0.0.0.0" as Ipv4 }),
    arpAnswer(network, guest),
    flow("arpResponder", 200, owner, announced, [goTo("forward")]),
    flow("forward", 100, owner, { reg0, ethDst: mac }, [apply({ kind: "output", port: inPort })]),
  ];
}

function remoteFlows(network: Network, guest: Guest, endpoint: Ipv4): Flow[] {
  const { mac, owner } = guest;
  const { tunnelKey: reg0, vlanVid } = network;
  const toEndpoint = apply(...intoTunnel(network), ...throughTunnel(endpoint));
  return [
    arpAnswer(network, guest),
    flow("forward", 100, owner, { reg0, ethDst: mac }, [apply(...toOverlay(network))]),
    flow("encapsulate", 100, owner, { inPort: patch, vlanVid, ethDst: mac }, [toEndpoint]),
  ];
}

/** Those of the network itself. */
function ownFlows(network: Network, ports: readonly OfPort[]): Flow[] {
  const { tunnelKey, vlanVid } = network;
  const owner = cookieOf(network, 0xffff);
  const outputs = ports.map((port) => ({ kind: "output", port }) as const);
  const endpoints = Array.from({ length: hypervisorsPerNetwork }, (_, index) => endpointOf(index));
  const flood = [...intoTunnel(network), ...endpoints.flatMap(throughTunnel)];
  const arrived: Match = { inPort: tunnel, tunnelId: BigInt(tunnelKey) };
  return [
    flow("classify", 100, owner, { inPort: patch, vlanVid }, [
      apply({ kind: "popVlan" }, toNetwork(network)),
      goTo("forward"),
    ]),
    flow("forward", 80, owner, { reg0: tunnelKey, ethDst: groupAddress }, [apply(...outputs, ...toOverlay(network))]),
    flow("encapsulate", 80, owner, { inPort: patch, vlanVid, ethDst: groupAddress }, [apply(...flood)]),
    flow("decapsulate", 100, owner, arrived, [apply(...toOverlay(network))]),
  ];
}

/** Turns a request into its own reply, and sends it back to where it came from. */
function arpAnswer({ tunnelKey }: Network, { mac, address, owner }: Guest): Flow {
  const match = { reg0: tunnelKey, ethType: ethType.arp, arpOp: 1, arpTpa: address };
  const reply = apply(
    { kind: "move", from: { field: "ethSrc", ...wholeMac }, to: { field: "ethDst", ...wholeMac } },
    { kind: "setField", field: "ethSrc", value: mac },
    { kind: "setField", field: "arpOp", value: 2 },
    { kind: "move", from: { field: "arpSha", ...wholeMac }, to: { field: "arpTha", ...wholeMac } },
    { kind: "move", from: { field: "arpSpa", ...wholeIp }, to: { field: "arpTpa", ...wholeIp } },
    { kind: "setField", field: "arpSha", value: mac },
    { kind: "setField", field: "arpSpa", value: address },
    { kind: "output", port: Port.inPort },
  );
  return flow("arpResponder", 100, owner, match, [reply]);
}

function toNetwork({ tunnelKey }: Network): Action {
  return { kind: "load", to: { field: "reg0", start: 0, bits: 32 }, value: BigInt(tunnelKey) };
}

function toOverlay({ vlanVid }: Network): Action[] {
  return [
    { kind: "pushVlan", etherType: 0x8100 },
    { kind: "setField", field: "vlanVid", value: vlanVid },
    { kind: "output", port: patch },
  ];
}

function intoTunnel({ tunnelKey }: Network): Action[] {
  return [{ kind: "popVlan" }, { kind: "setField", field: "tunnelId", value: BigInt(tunnelKey) }];
}

function throughTunnel(endpoint: Ipv4): Action[] {
  return [
    { kind: "setField", field: "tunIpv4Dst", value: endpoint },
    { kind: "output", port: tunnel },
  ];
}

function flow(
  table: keyof typeof tables,
  priority: number,
  cookie: bigint,
  match: Match,
  instructions: readonly Instruction[],
): Flow {
  return { tableId: tables[table], priority, cookie, match, instructions };
}

function apply(...actions: readonly Action[]): Instruction {
  return { kind: "applyActions", actions };
}

function goTo(table: keyof typeof tables): Instruction {
  return { kind: "gotoTable", tableId: tables[table] };
}

function guestOf(network: Network, index: number): Guest {
  const { number } = network;
  return {
    mac: `02:4c:${hex(number >> 8)}:${hex(number)}:${hex(index >> 8)}:${hex(index)}` as Mac,
    address: `10.${number >> 8}.${number & 0xff}.${1 + index}` as Ipv4,
    owner: cookieOf(network, index),
  };
}

function endpointOf(index: number): Ipv4 {
  return `192.0.2.${1 + (index % hypervisorsPerNetwork)}` as Ipv4;
}

/** Our prefix, and 48 bits that say whose the flow is. */
function cookieOf({ number }: Network, index: number): bigint {
  const mixed = Math.imul(number * 0x1_0000 + index, 0x9e37_79b1) >>> 0;
  return (0x4c53n << 48n) | (BigInt(number) << 32n) | BigInt(mixed);
}

function hex(number: number): string {
  return (number & 0xff).toString(16).padStart(2, "0");
}
