import type { Ipv4, OfPort, Uuid } from "@loomstack/core";
import type { Flow } from "@loomstack/openflow";
import { isUuid } from "@loomstack/core";
import { overlayTypes } from "@loomstack/model";
import type { Encapsulation } from "../compile/plan.ts";
import type { InterfaceRow } from "../inventory/monitored.ts";
import type { ObservedBridge } from "../inventory/observed-bridges.ts";
import { farUplinkEnds, nearUplinkEnds } from "../inventory/uplinks.ts";
import type { PlannedFlow } from "../pipeline/planned-flow.ts";
import { type BridgeName, bridgeNames } from "../pipeline/tables.ts";

/** What one hypervisor really holds, and what it should hold. */
export interface HeldHypervisor {
  readonly key: string;
  /** Where its tunnels end. */
  readonly endpoint: Ipv4;
  readonly bridges: ReadonlyMap<BridgeName, HeldBridge>;
  readonly planned: readonly PlannedFlow[];
}

export interface HeldBridge {
  readonly flows: readonly Flow[];
  readonly ports: HeldPorts;
}

export type HeldPorts = ReadonlyMap<OfPort, HeldPort>;

export interface HeldPort {
  readonly name: string;
  readonly leadsTo: Destination;
  /** Bytes of the largest IP packet that its interface takes; undefined where Open vSwitch doesn't say. */
  readonly mtu?: number | undefined;
  /** Why nothing passes it, in words. */
  readonly down?: string | undefined;
}

/** What is behind a port of a bridge. */
export type Destination =
  | { readonly kind: "guest"; readonly port: Uuid }
  | { readonly kind: "patch"; readonly bridge: BridgeName; readonly port: OfPort }
  | { readonly kind: "tunnel"; readonly encapsulation: Encapsulation }
  /** The patch to an administrator's bridge; `bridge`: undefined where it leads nowhere. */
  | { readonly kind: "uplink"; readonly physicalNetwork: string; readonly bridge: string | undefined }
  | { readonly kind: "other" };

const encapsulations: ReadonlySet<string> = new Set(overlayTypes);

/** The ports that Open vSwitch has given an OpenFlow port, of our bridges. */
export function heldPorts(bridges: ReadonlyMap<string, ObservedBridge>): ReadonlyMap<BridgeName, HeldPorts> {
  return new Map(
    bridgeNames.map((bridge) => [
      bridge,
      new Map(
        interfacesOf(bridges, bridge).map(([port, row]) => [
          port,
          { name: row.name, leadsTo: destinationOf(bridges, row), mtu: mtuOf(row), down: downOf(row) },
        ]),
      ),
    ]),
  );
}

/** Why the interface doesn't take an IP packet of so many bytes, if it doesn't. */
export function interfaceTrouble({ name, mtu, down }: HeldPort, bytes: number): string | undefined {
  if (down !== undefined) return `${name} ${down}`;
  return mtu === undefined || bytes <= mtu
    ? undefined
    : `${name} takes packets of at most ${mtu} bytes, and it has ${bytes}`;
}

/** The OpenFlow port of a guest's interface on br-int. */
export function guestPort(ports: HeldPorts, id: Uuid): OfPort | undefined {
  for (const [ofPort, { leadsTo }] of ports) if (leadsTo.kind === "guest" && leadsTo.port === id) return ofPort;
  return undefined;
}

/** The port of br-tun that packets of an encapsulation come in by. */
export function tunnelPort(ports: HeldPorts, encapsulation: Encapsulation): OfPort | undefined {
  for (const [ofPort, { leadsTo }] of ports)
    if (leadsTo.kind === "tunnel" && leadsTo.encapsulation === encapsulation) return ofPort;
  return undefined;
}

/** The port of br-int that joins it with a physical network, and the bridge that this leads to, if it does. */
export function uplinkPort(
  ports: HeldPorts,
  physicalNetwork: string,
): { readonly port: OfPort; readonly bridge: string | undefined } | undefined {
  for (const [port, { leadsTo }] of ports)
    if (leadsTo.kind === "uplink" && leadsTo.physicalNetwork === physicalNetwork)
      return { port, bridge: leadsTo.bridge };
  return undefined;
}

function interfacesOf(
  bridges: ReadonlyMap<string, ObservedBridge>,
  bridge: BridgeName,
): (readonly [OfPort, InterfaceRow])[] {
  const rows = [...(bridges.get(bridge)?.ports.values() ?? [])].flatMap(({ interfaces }) =>
    interfaces.map(({ row }) => [Number(row.ofport ?? -1) as OfPort, row] as const),
  );
  return rows.filter(([ofPort]) => ofPort > 0).sort(([a], [b]) => a - b);
}

function mtuOf({ mtu }: InterfaceRow): number | undefined {
  return mtu === undefined ? undefined : Number(mtu);
}

/** A tap has a link for as long as its guest runs and has its interface up. */
function downOf({ admin_state, link_state }: InterfaceRow): string | undefined {
  if (admin_state === "down") return "is down on the hypervisor";
  return link_state === "down" ? "has no link: is its guest running, and its interface up?" : undefined;
}

function destinationOf(bridges: ReadonlyMap<string, ObservedBridge>, row: InterfaceRow): Destination {
  const id = row.external_ids.get("iface-id")?.toLowerCase();
  if (id !== undefined && isUuid(id)) return { kind: "guest", port: id };
  if (encapsulations.has(row.type)) return { kind: "tunnel", encapsulation: row.type as Encapsulation };
  const peer = row.type === "patch" ? row.options.get("peer") : undefined;
  if (peer === undefined) return { kind: "other" };
  for (const bridge of bridgeNames) {
    const end = interfacesOf(bridges, bridge).find(([, { name }]) => name === peer);
    if (end !== undefined) return { kind: "patch", bridge, port: end[0] };
  }
  return uplinkTo(bridges, row.name) ?? { kind: "other" };
}

function uplinkTo(bridges: ReadonlyMap<string, ObservedBridge>, name: string): Destination | undefined {
  const near = [...nearUplinkEnds(bridges).values()].find(({ port }) => port.row.name === name);
  if (near === undefined) return undefined;
  const { physicalNetwork } = near;
  const far = farUplinkEnds(bridges).find((end) => end.physicalNetwork === physicalNetwork);
  return { kind: "uplink", physicalNetwork, bridge: far?.bridge };
}
