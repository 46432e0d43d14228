import type { Revision } from "@loomstack/core";
import type { SwitchStatus } from "@loomstack/model";
import type { SwitchConnection } from "@loomstack/openflow";
import type { PlainSwitch } from "./plain-switch.ts";

/** What is known of a switch, plain or not. */
export interface KnownSwitch {
  readonly dpid: string;
  readonly name: string | undefined;
  /** The subject of the one that it has to show. */
  readonly certificate?: string | null | undefined;
  /** Undefined for one that nobody has added. */
  readonly plain: PlainSwitch | undefined;
  readonly connection: SwitchConnection | undefined;
  /** The key of the one that it belongs to. */
  readonly hypervisor: string | undefined;
}

/** A switch in the words of the northbounds. */
export function switchStatus({ dpid, name, certificate, plain, connection, hypervisor }: KnownSwitch): SwitchStatus {
  const about = { dpid, name: name ?? null, registered: plain !== undefined, hypervisor: hypervisor ?? null };
  return {
    ...about,
    connected: connection !== undefined,
    address: connection?.remoteAddress ?? null,
    certificate: certificate ?? null,
    version: connection?.version ?? null,
    ...stateOf(plain, hypervisor),
    realised: plain?.confirmed ?? (0 as Revision),
    flows: plain?.tally ?? { wanted: 0, installed: 0, refused: 0 },
    puntMeter: plain?.puntMeter ?? null,
    counters: plain?.counters ?? { flowModsSent: 0, driftRepaired: 0, connections: 0, packetsPunted: 0 },
  };
}

/** @param hypervisor its key */
export function belongsTo(hypervisor: string): string {
  return `it belongs to hypervisor ${hypervisor}`;
}

function stateOf(
  plain: PlainSwitch | undefined,
  hypervisor: string | undefined,
): Pick<SwitchStatus, "state" | "reason"> {
  if (hypervisor !== undefined) return { state: "hypervisor", reason: belongsTo(hypervisor) };
  if (plain === undefined)
    return { state: "discovered", reason: "it is connected, and nobody has added it: it gets no flows" };
  return { state: plain.state, reason: plain.reason };
}
