import { LoomstackError, type OfPort } from "@loomstack/core";
import type { Intent, Port, Trace, TraceRequest } from "@loomstack/model";
import { type ExplainedHypervisors, readHeld } from "./explained-hypervisor.ts";
import { guestPort, type HeldHypervisor } from "./held-hypervisor.ts";
import { downReason } from "./drop-reasons.ts";
import { formatPacket } from "./packet.ts";
import { packetOfPort, type PortPacket } from "./packet-of-port.ts";
import { type PacketWalk, walkPacket } from "./packet-walk.ts";
import { verdictOf } from "./verdict.ts";

/**
 * Traces a packet over what the hypervisors hold now. Only those that it meets are asked.
 *
 * @throws MODEL__NOT_FOUND for the port; FABRIC__PACKET_IMPOSSIBLE
 */
export async function tracePacket(
  intent: Intent,
  hypervisors: ExplainedHypervisors,
  request: TraceRequest,
): Promise<Trace> {
  const held = new Map<string, HeldHypervisor | string>();
  for (;;) {
    const { trace, unseen } = traceOver(intent, held, request);
    if (unseen.size === 0) return trace;
    // One after the other: each may have many flows to tell.
    for (const key of unseen) {
      const hypervisor = hypervisors.get(key);
      held.set(key, hypervisor === undefined ? "it is not managed" : await readHeld(hypervisor));
    }
  }
}

/**
 * Traces a packet over what is given of the hypervisors: what they hold, or why they can't be seen. `unseen` are those
 * that it met besides.
 *
 * @throws MODEL__NOT_FOUND for the port; FABRIC__PACKET_IMPOSSIBLE
 */
export function traceOver(
  intent: Intent,
  hypervisors: ReadonlyMap<string, HeldHypervisor | string>,
  request: TraceRequest,
): { readonly trace: Trace; readonly unseen: ReadonlySet<string> } {
  const port = intent.ports.get(request.from);
  if (port === undefined) throw new LoomstackError("MODEL__NOT_FOUND", { resource: "port", id: request.from });
  const sent = packetOfPort(intent, port, request);
  const start = startOf(intent, hypervisors, port);
  if (typeof start === "string") return { trace: notSent(sent, start), unseen: new Set() };
  const { hypervisor, inPort } = start;
  const walk = walkPacket({ intent, hypervisors }, { from: port.id, hypervisor, inPort, packet: sent.packet });
  const packet = formatPacket({ ...sent.packet, inPort });
  return { trace: { ...told(sent, walk), packet }, unseen: walk.unseen };
}

/** Where the port's packets come in, or why none do. Of a hypervisor that nobody has looked at the port isn't known. */
function startOf(
  intent: Intent,
  hypervisors: ReadonlyMap<string, HeldHypervisor | string>,
  { id }: Port,
): { readonly hypervisor: string; readonly inPort: OfPort } | string {
  const hypervisor = intent.bindings.get(id)?.nodeKey;
  const down = downReason(intent, id);
  if (hypervisor === undefined)
    return down ?? `port ${id} is on no hypervisor: no connected one has an interface with this id`;
  const held = hypervisors.get(hypervisor);
  if (held === undefined) return { hypervisor, inPort: 0 as OfPort };
  if (typeof held === "string") return down ?? `hypervisor ${hypervisor} can't be seen: ${held}`;
  const inPort = guestPort(held.bridges.get("br-int")?.ports ?? new Map<OfPort, never>(), id);
  return inPort === undefined
    ? `br-int of ${hypervisor} has no interface with the id of port ${id}`
    : { hypervisor, inPort };
}

function told(sent: PortPacket, walk: PacketWalk): Omit<Trace, "packet"> {
  return { remark: sent.remark ?? null, steps: walk.steps, ends: walk.ends, ...verdictOf(sent, walk) };
}

function notSent(sent: PortPacket, reason: string): Trace {
  const verdict = `the packet is not sent: ${reason}`;
  return {
    packet: formatPacket(sent.packet),
    remark: sent.remark ?? null,
    steps: [],
    ends: [],
    reached: false,
    verdict,
  };
}
