/** A packet's way through a tunnel: a pure function of what is known of the hypervisors and of the underlay between them. */
import { Port } from "@loomstack/openflow";
import type { Encapsulation } from "../compile/plan.ts";
import { etherType } from "../packets/protocol-numbers.ts";
import type { PathCapacity } from "../paths/path-measure.ts";
import type { Path } from "../paths/path-prober.ts";
import { probeKey } from "../paths/probe-packet.ts";
import { walkBridge } from "./bridge-walk.ts";
import { type HeldHypervisor, tunnelPort } from "./held-hypervisor.ts";
import { onTheWire, type Packet } from "./packet.ts";
import type { WalkedWorld } from "./packet-walk.ts";

/** What became of a packet that was output to a tunnel port. */
export type Passage =
  | { readonly kind: "arrives"; readonly hypervisor: string; readonly packet: Packet }
  /** At the hypervisor, or behind the one that sent it. */
  | { readonly kind: "lost"; readonly at: string | undefined; readonly reason: string }
  /** It can't be said before this path has been measured. */
  | { readonly kind: "unmeasured"; readonly path: Path };

/** The name under which `WalkedWorld.paths` has what was measured. */
export function pathName({ from, to, encapsulation }: Path): string {
  return `${from} ${to} ${encapsulation}`;
}

export function passTunnel(
  world: WalkedWorld,
  from: HeldHypervisor,
  encapsulation: Encapsulation,
  packet: Packet,
): Passage {
  const { tunIpv4Dst, tunnelId = 0n } = packet;
  const to = [...world.intent.tunnelEndpoints.values()].find(({ address }) => address === tunIpv4Dst)?.nodeKey;
  if (tunIpv4Dst === undefined || to === undefined) {
    const reason = `it is sent into a ${encapsulation} tunnel to ${tunIpv4Dst ?? "nowhere"}, where no hypervisor of ours is`;
    return { kind: "lost", at: undefined, reason };
  }
  const tunnel: Packet = { tunnelId, tunIpv4Src: from.endpoint, tunIpv4Dst };
  const held = world.hypervisors.get(to);
  if (typeof held !== "object")
    return { kind: "arrives", hypervisor: to, packet: { ...onTheWire(packet), ...tunnel, inPort: Port.any } };
  const inPort = tunnelPort(held.bridges.get("br-tun")?.ports ?? new Map(), encapsulation);
  if (inPort === undefined)
    return { kind: "lost", at: to, reason: `it has no ${encapsulation} tunnel port to receive it by` };
  const arrived: Packet = { ...tunnel, inPort };
  if (showsProbes(held, arrived)) {
    const path = { from: from.key, to, encapsulation, endpoint: tunIpv4Dst };
    const capacity = world.paths.get(pathName(path));
    if (capacity === undefined) return { kind: "unmeasured", path };
    const reason = lossOf(world, path, from, capacity);
    if (reason !== undefined) return { kind: "lost", at: undefined, reason };
  }
  return { kind: "arrives", hypervisor: to, packet: { ...onTheWire(packet), ...arrived } };
}

/** Whether a probe that gets there is shown to us. Where it isn't, nothing can be said of the path, and the flows are to blame. */
function showsProbes({ bridges }: HeldHypervisor, arrived: Packet): boolean {
  const probe = { ...arrived, tunnelId: BigInt(probeKey), ethType: etherType.localExperimental };
  const visits = walkBridge(bridges.get("br-tun")?.flows ?? [], probe);
  return visits.some(({ outputs }) => outputs.some(({ port }) => port === Port.controller));
}

function lossOf(world: WalkedWorld, path: Path, from: HeldHypervisor, capacity: PathCapacity): string | undefined {
  const { to, encapsulation, endpoint } = path;
  const way = `from ${from.key} (${from.endpoint}) to ${to} (${endpoint})`;
  const configured = world.underlayMtu === undefined ? "" : ` The configuration says that it is ${world.underlayMtu}.`;
  switch (capacity) {
    case "silent":
      return `no probe passes the ${encapsulation} tunnel ${way}: does the underlay carry ${encapsulation} between the two?`;
    case "too-large":
      return `with what ${encapsulation} adds, its ${world.bytes} bytes are more than the underlay carries ${way}: probes as large are lost, and short ones arrive. Is the underlay's MTU too small somewhere?${configured}`;
    default:
      return undefined;
  }
}
