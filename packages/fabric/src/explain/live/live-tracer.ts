/**
 * Traces a packet by sending it:
 *
 *     trace over the flows ─► watching flows in every table that it may meet ─► packet-out at the guest's port
 *                                        ▲                    │ the packet, again and again, by cookie
 *                                        └── removed at last, or by their time limit when we are gone
 */
import { type Clock, LoomstackError, type Uuid } from "@loomstack/core";
import type { Event, LiveTraceRequest, Trace, UnwatchedBridge } from "@loomstack/model";
import { packetOut, type PacketIn, Port } from "@loomstack/openflow";
import { forward } from "../../pipeline/tables.ts";
import { type FullTrace, type TracedWorld, tracePacket, type TraceStart } from "../packet-trace.ts";
import { fixedBytes, isQuestion, leastBytes } from "../packet-size.ts";
import { formatPacket } from "../packet.ts";
import { tracedFrame } from "../traced-frame.ts";
import { isUnwatched, liveVerdict } from "./live-verdict.ts";
import { type MarkedPacket, marked } from "./mark.ts";
import { Sightings } from "./sightings.ts";
import { TraceLimit } from "./trace-limit.ts";
import { unwatch, watch, type WatchedBridge } from "./watched-bridge.ts";
import type { WatchPlace } from "./watching-flows.ts";
import { hypervisorsOf, watchPlan } from "./watch-plan.ts";

export interface LiveTracerOptions {
  readonly world: TracedWorld;
  readonly clock: Clock;
  readonly random: () => number;
  /** Records that a packet is sent for a port. */
  readonly record: (hypervisor: string, port: Uuid, packet: string) => Promise<void>;
}

/** How many packets are sent at most, and how long each is waited for. */
const mostPackets = 3;
const waitMs = 300;
const mostHypervisors = 32;
/** The nonce, behind the headers. */
const nonceBytes = 4;
/** The largest packet that is sent: more than any underlay carries, and no more than a switch takes from a controller. */
const largestBytes = 9_216;

/** A live trace under way. */
interface Run {
  readonly request: LiveTraceRequest;
  readonly traced: FullTrace;
  readonly start: TraceStart;
  readonly mark: MarkedPacket;
  readonly places: readonly WatchPlace[];
  readonly sightings: Sightings;
  readonly unwatched: readonly UnwatchedBridge[];
}

/** What is recorded before a packet is sent. */
export function liveTraceEvent(at: number, hypervisor: string, port: Uuid, packet: string): Omit<Event, "id"> {
  const message = `a marked packet is sent for a live trace, as if it came from port ${port} on ${hypervisor}: ${packet}`;
  return { at, severity: "info", kind: "packet-sent", hypervisor, object: `port ${port}`, message };
}

export class LiveTracer {
  readonly #options: LiveTracerOptions;
  readonly #limit: TraceLimit;
  readonly #runs = new Map<number, Sightings>();

  constructor(options: LiveTracerOptions) {
    this.#options = options;
    this.#limit = new TraceLimit(options.clock);
  }

  /** Takes a packet that a flow of a live trace on the hypervisor `at` has shown to the controller. */
  received(at: string, packet: PacketIn): void {
    for (const sightings of this.#runs.values()) sightings.received(at, packet);
  }

  /** Takes what the controller has answered to a guest's frame. */
  answered(frame: Uint8Array, says: string): void {
    for (const sightings of this.#runs.values()) sightings.answered(frame, says);
  }

  /** @throws as `Explanations.traceLive` says */
  async trace(request: LiveTraceRequest): Promise<Trace> {
    this.#limit.take();
    const { world, random, clock } = this.#options;
    const traced = await tracePacket(world, request);
    const start = this.#startOf(traced, request);
    const { sent } = traced;
    const mayAnswer = request.deliver && sent.packet.ipv4Src !== "0.0.0.0" && !isAnsweredOnItsWay(traced);
    const hasReceiver = mayAnswer && (sent.goal !== undefined || isQuestion(sent.packet));
    const mark = marked({ ...sent.packet, inPort: start.inPort }, random, hasReceiver);
    const places = watchPlan({ intent: world.intent, traced, start, watched: mark.watched, deliver: request.deliver });
    const number = this.#freshNumber();
    const sightings = new Sightings(clock, number, places);
    this.#runs.set(number, sightings);
    try {
      return await this.#watched(number, { request, traced, start, mark, places, sightings, unwatched: [] });
    } finally {
      this.#runs.delete(number);
    }
  }

  /** Why nothing can be sent is an error here. */
  #startOf(traced: FullTrace, { from: port, deliver }: LiveTraceRequest): TraceStart {
    const { start, sent } = traced;
    const impossible = (reason: string): LoomstackError =>
      new LoomstackError("FABRIC__LIVE_TRACE_IMPOSSIBLE", { port, reason });
    if (typeof start === "string") throw impossible(start);
    const least = leastBytes(sent.packet) + (sent.packet.tcpDst === undefined ? nonceBytes : 0);
    const isFixed = sent.question !== undefined || fixedBytes(sent.packet) !== undefined;
    if (!isFixed && (sent.bytes < least || sent.bytes > largestBytes))
      throw new LoomstackError("FABRIC__PACKET_IMPOSSIBLE", {
        port,
        reason: `a packet that is sent has from ${least} to ${largestBytes} bytes, and not ${sent.bytes}`,
      });
    if (!deliver && sent.goal === undefined)
      throw new LoomstackError("FABRIC__PACKET_IMPOSSIBLE", {
        port,
        reason: "only a packet for one port can be stopped in front of it",
      });
    const { size } = hypervisorsOf({ intent: this.#options.world.intent, traced, start });
    if (size > mostHypervisors) throw impossible(`it would go to ${size} hypervisors, more than ${mostHypervisors}`);
    return start;
  }

  async #watched(number: number, run: Run): Promise<Trace> {
    const bridges = this.#bridgesOf(run.places);
    try {
      const { clock } = this.#options;
      const refused = await Promise.all(bridges.map(async (bridge) => watch(clock, number, bridge)));
      const watched = { ...run, unwatched: refused.flat() };
      return told(watched, await this.#send(watched));
    } finally {
      const { clock } = this.#options;
      await Promise.all(bridges.map(async (bridge) => unwatch(clock, number, bridge)));
    }
  }

  /** A switch that isn't connected can't be watched: the packet isn't seen there. */
  #bridgesOf(places: readonly WatchPlace[]): WatchedBridge[] {
    const numbered = places.map((place, index) => [index, place] as const);
    const byBridge = Map.groupBy(numbered, ([, { hypervisor, bridge }]) => `${hypervisor} ${bridge}`);
    return [...byBridge.values()].flatMap((group) => {
      const [first] = group;
      const place = first?.[1];
      const connection = place && this.#options.world.hypervisors.get(place.hypervisor)?.connection(place.bridge);
      return place === undefined || connection === undefined ? [] : [{ place, connection, places: group }];
    });
  }

  async #send(run: Run): Promise<number> {
    const { request, traced, start, mark, sightings } = run;
    const connection = this.#options.world.hypervisors.get(start.hypervisor)?.connection("br-int");
    if (connection === undefined)
      throw new LoomstackError("FABRIC__LIVE_TRACE_IMPOSSIBLE", {
        port: request.from,
        reason: `br-int of ${start.hypervisor} is not connected any more`,
      });
    await this.#options.record(start.hypervisor, request.from, formatPacket(mark.packet));
    const message = packetOut({
      inPort: start.inPort,
      actions: [{ kind: "output", port: Port.table }],
      data: tracedFrame({ ...traced.sent, packet: mark.packet }, mark.nonce),
    });
    let packetsSent = 0;
    while (packetsSent < mostPackets && !isDone(run)) {
      await sightings.after(
        () => connection.send(message),
        () => isDone(run),
        waitMs,
      );
      packetsSent += 1;
      // No guest has to answer UDP, and what isn't understood of the flows another packet doesn't make plainer.
      if (isSeen(run) && ((mark.packet.udpDst !== undefined && !isForController(traced)) || isUnclear(run))) break;
    }
    return packetsSent;
  }

  #freshNumber(): number {
    let number = Math.floor(this.#options.random() * 2 ** 24);
    while (this.#runs.has(number)) number = (number + 1) % 2 ** 24;
    return number;
  }
}

/** By the switch, or by the controller, and not by a guest. */
function isAnsweredOnItsWay({ trace }: FullTrace): boolean {
  return trace.ends.some(({ kind }) => kind === "answered");
}

/** Whether it is a question that the controller has an answer to. */
function isForController({ trace }: FullTrace): boolean {
  return trace.ends.some(({ kind, port }) => kind === "answered" && port === null);
}

/** Whether every table has seen it that should have. */
function isSeen({ traced: { trace }, sightings, unwatched }: Run): boolean {
  const watched = trace.steps.filter((step) => !isUnwatched(unwatched, step));
  return watched.every(({ hypervisor, bridge, table }) =>
    sightings.all.some(
      (one) => one.what === "packet" && one.hypervisor === hypervisor && one.bridge === bridge && one.table === table,
    ),
  );
}

/** Nothing more is to come: it was seen everywhere, and its answer was on its last table. */
function isDone(run: Run): boolean {
  return isSeen(run) && (isAnswered(run) || !(isAnswerExpected(run) || isUnclear(run)));
}

function isUnclear({ traced: { trace } }: Run): boolean {
  return trace.ends.some(({ kind }) => kind === "unclear");
}

function isAnswerExpected({ mark, traced }: Run): boolean {
  const { ends } = traced.trace;
  return isForController(traced) || (mark.watched.length > 1 && ends.some(({ kind }) => kind === "delivered"));
}

function isAnswered({ sightings, start }: Run): boolean {
  if (sightings.answer !== undefined) return true;
  return sightings.has(
    ({ watched, hypervisor, bridge, tableId }) =>
      watched.what === "answer" && hypervisor === start.hypervisor && bridge === "br-int" && tableId === forward.id,
  );
}

function told(run: Run, packetsSent: number): Trace {
  const { request, traced, mark, sightings } = run;
  const answered = isAnswerExpected(run) || isAnswered(run) ? isAnswered(run) : null;
  const live = { packetsSent, unwatched: run.unwatched, seen: sightings.all, answered };
  const { trace } = traced;
  const answer = isForController(traced) ? (sightings.answer ?? "none") : undefined;
  return {
    ...trace,
    packet: formatPacket(mark.packet),
    ...liveVerdict(trace, live, { deliver: request.deliver, answer }),
    live,
  };
}
