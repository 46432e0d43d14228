/** What is to be made real: how many hypervisors, networks and ports, and which port is where. Pure. */
import { type Ipv4, ipv4FromNumber, type Mac, type Uuid } from "@loomstack/core";

/**
 * `full`: a hypervisor's ports are of as many networks as it can hold, so that networks are everywhere; `local`: a
 * network's ports are together, on one or two hypervisors.
 */
export type Spread = "full" | "local";

export interface Work {
  readonly name: string;
  readonly hypervisors: number;
  /** On each hypervisor. */
  readonly ports: number;
  readonly networks: number;
  readonly spread: Spread;
}

/** Those that peers were measured with. */
export const works = {
  A: { name: "A", hypervisors: 10, ports: 100, networks: 20, spread: "full" },
  B: { name: "B", hypervisors: 30, ports: 50, networks: 50, spread: "full" },
  C: { name: "C", hypervisors: 30, ports: 50, networks: 60, spread: "local" },
} as const satisfies Record<string, Work>;

/** A port of a guest, counted from 0 over all hypervisors; those above are the ones that are added one by one. */
export interface WorkPort {
  readonly id: Uuid;
  readonly hypervisor: number;
  readonly network: number;
  readonly mac: Mac;
  readonly ip: Ipv4;
  /** Of its interface. */
  readonly name: string;
}

/** Every network has the same subnet: tenants choose their addresses without asking each other. */
export const subnet = "10.0.0.0/16";
const firstAddress = 0x0a00_000a;
const firstEndpoint = 0x0ac8_0001;

export function portsOf(work: Work): readonly WorkPort[] {
  return Array.from({ length: work.hypervisors * work.ports }, (_, index) =>
    portOf(index, Math.floor(index / work.ports), networkOf(work, index)),
  );
}

/** The port that is added as the `count`th one: on one hypervisor after the other, in networks that are there. */
export function morePort(work: Work, count: number): WorkPort {
  const hypervisor = count % work.hypervisors;
  const neighbour = hypervisor * work.ports + (Math.floor(count / work.hypervisors) % work.ports);
  return portOf(work.hypervisors * work.ports + count, hypervisor, networkOf(work, neighbour));
}

export function networkId(network: number): Uuid {
  return uuid(1, network);
}

export function subnetId(network: number): Uuid {
  return uuid(2, network);
}

/** Where a hypervisor's tunnels end. */
export function endpointOf(hypervisor: number): Ipv4 {
  return ipv4FromNumber(firstEndpoint + hypervisor);
}

/** The address of the link that its tunnels use. */
export function endpointMac(hypervisor: number): Mac {
  return macOf(0x06, hypervisor);
}

export function systemId(hypervisor: number): string {
  return `bench-${hypervisor}`;
}

function portOf(index: number, hypervisor: number, network: number): WorkPort {
  const ip = ipv4FromNumber(firstAddress + index);
  return { id: uuid(3, index), hypervisor, network, mac: macOf(0x02, index), ip, name: `p${index}` };
}

function networkOf({ hypervisors, ports, networks, spread }: Work, index: number): number {
  if (spread === "full") return index % networks;
  const total = hypervisors * ports;
  // Half a network further: every other one is on two hypervisors, where networks fit into hypervisors.
  const shift = Math.floor(total / networks / 2);
  return Math.floor((((index + shift) % total) * networks) / total);
}

function macOf(first: number, index: number): Mac {
  const digits = (index + first * 2 ** 40).toString(16).padStart(12, "0");
  return (digits.match(/../g) ?? []).join(":") as Mac;
}

function uuid(kind: number, index: number): Uuid {
  return `0000000${kind}-0000-4000-8000-${index.toString(16).padStart(12, "0")}` as Uuid;
}
