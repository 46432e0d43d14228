import { LoomstackError, type OfPort } from "@loomstack/core";
import { effectiveMtu, type Intent, type Port, type Trace, type TraceRequest } from "@loomstack/model";
import type { PathMeasure } from "../paths/path-measure.ts";
import type { NetworkAnswers } from "../services/network-answers.ts";
import { type ExplainedHypervisors, readHeld } from "./explained-hypervisor.ts";
import { guestPort, type HeldHypervisor, interfaceTrouble } from "./held-hypervisor.ts";
import { downReason } from "./drop-reasons.ts";
import { formatPacket } from "./packet.ts";
import { packetOfPort, type PortPacket } from "./packet-of-port.ts";
import { ethernetHeader } from "./packet-size.ts";
import { tracedFrame } from "./traced-frame.ts";
import { type PacketWalk, type WalkedWorld, walkPacket } from "./packet-walk.ts";
import { pathName } from "./tunnel-passage.ts";
import { verdictOf } from "./verdict.ts";

/** A packet that nobody sends has no nonce. */
const unmarked = 0;

/** What traces are made of: what users asked for, and the ways to what is there. */
export interface TracedWorld {
  readonly intent: Intent;
  readonly hypervisors: ExplainedHypervisors;
  readonly paths: Pick<PathMeasure, "measure">;
  readonly answers: Pick<NetworkAnswers, "to">;
  /** As configured, in bytes of IP packets. */
  readonly underlayMtu?: number | undefined;
}

/** What is known of the world that a packet is traced over. */
export type KnownWorld = Omit<WalkedWorld, "bytes" | "answer"> & Pick<TracedWorld, "answers">;

/** A trace, and what it was made of. */
export interface FullTrace {
  readonly trace: Trace;
  readonly sent: PortPacket;
  /** Where the packet comes in; why it doesn't, in words. */
  readonly start: TraceStart | string;
  readonly walk: PacketWalk | undefined;
}

export interface TraceStart {
  readonly hypervisor: string;
  readonly inPort: OfPort;
}

/**
 * Traces a packet over what the hypervisors hold now. Only those that it meets are asked, and the paths that it takes
 * are probed.
 *
 * @throws MODEL__NOT_FOUND for the port; FABRIC__PACKET_IMPOSSIBLE
 */
export async function tracePacket(world: TracedWorld, request: TraceRequest): Promise<FullTrace> {
  const { intent, underlayMtu, answers } = world;
  const hypervisors = new Map<string, HeldHypervisor | string>();
  const paths = new Map<string, Awaited<ReturnType<PathMeasure["measure"]>>>();
  for (;;) {
    const traced = traceOver({ intent, underlayMtu, answers, hypervisors, paths }, request);
    const { unseen = new Set<string>(), unmeasured = [] } = traced.walk ?? {};
    if (unseen.size === 0 && unmeasured.length === 0) return traced;
    // One after the other: each may have many flows to tell.
    for (const key of unseen) {
      const hypervisor = world.hypervisors.get(key);
      hypervisors.set(key, hypervisor === undefined ? "it is not managed" : await readHeld(hypervisor));
    }
    const frameBytes = traced.sent.bytes + ethernetHeader;
    await Promise.all(
      unmeasured.map(async (path) => paths.set(pathName(path), await world.paths.measure(path, frameBytes))),
    );
  }
}

/**
 * Traces a packet over what is known. What it met besides is in its walk: `unseen` and `unmeasured`.
 *
 * @throws MODEL__NOT_FOUND for the port; FABRIC__PACKET_IMPOSSIBLE
 */
export function traceOver(known: KnownWorld, request: TraceRequest): FullTrace {
  const port = known.intent.ports.get(request.from);
  if (port === undefined) throw new LoomstackError("MODEL__NOT_FOUND", { resource: "port", id: request.from });
  const bare = packetOfPort(known.intent, port, request);
  const sent = { ...bare, remark: remarkOf(known, port, bare) };
  const start = startOf(known, port, sent);
  if (typeof start === "string") return { trace: notSent(sent, start), sent, start, walk: undefined };
  const { hypervisor, inPort } = start;
  const answer = (): string | undefined =>
    known.answers.to({ hypervisor, port, frame: tracedFrame(sent, unmarked) })?.says;
  const world = { ...known, bytes: sent.bytes, answer };
  const walk = walkPacket(world, { from: port.id, hypervisor, inPort, packet: sent.packet, goal: sent.goal });
  const trace: Trace = {
    ...{ packet: formatPacket({ ...sent.packet, inPort }), bytes: sent.bytes, remark: sent.remark ?? null },
    ...{ steps: walk.steps, ends: walk.ends, ...verdictOf(sent, walk), live: null },
  };
  return { trace, sent, start, walk };
}

/** Where the port's packets come in, or why none do. Of a hypervisor that nobody has looked at the port isn't known. */
function startOf({ intent, hypervisors }: KnownWorld, { id }: Port, { bytes }: PortPacket): TraceStart | string {
  const hypervisor = intent.bindings.get(id)?.nodeKey;
  const down = downReason(intent, id);
  if (hypervisor === undefined)
    return down ?? `port ${id} is on no hypervisor: no connected one has an interface with this id`;
  const held = hypervisors.get(hypervisor);
  if (held === undefined) return { hypervisor, inPort: 0 as OfPort };
  if (typeof held === "string") return down ?? `hypervisor ${hypervisor} can't be seen: ${held}`;
  const ports = held.bridges.get("br-int")?.ports ?? new Map<OfPort, never>();
  const inPort = guestPort(ports, id);
  if (inPort === undefined) return `br-int of ${hypervisor} has no interface with the id of port ${id}`;
  const found = ports.get(inPort);
  const trouble = found && interfaceTrouble(found, bytes);
  return trouble === undefined ? { hypervisor, inPort } : `on ${hypervisor}, ${trouble}`;
}

/** Why it is this packet, and whether its guest would send it at all. */
function remarkOf({ intent, underlayMtu }: KnownWorld, port: Port, sent: PortPacket): string | undefined {
  const network = intent.networks.get(port.networkId);
  const mtu = network && effectiveMtu(network, underlayMtu);
  if (mtu === undefined || sent.bytes <= mtu) return sent.remark;
  const large = `the network's MTU is ${mtu}: guests that heed it don't send ${sent.bytes} bytes at once`;
  return sent.remark === undefined ? large : `${sent.remark}; ${large}`;
}

function notSent(sent: PortPacket, reason: string): Trace {
  return {
    ...{ packet: formatPacket(sent.packet), bytes: sent.bytes, remark: sent.remark ?? null },
    ...{ steps: [], ends: [], reached: false, verdict: `the packet is not sent: ${reason}`, live: null },
  };
}
