/**
 * A packet's way from bridge to bridge, through patches and tunnels: a pure function of what the hypervisors hold. Where
 * it meets a hypervisor that nobody has looked at yet, it says so.
 */
import { LoomstackError, type OfPort, type Uuid } from "@loomstack/core";
import type { Intent, TraceEnd, TraceStep } from "@loomstack/model";
import { type Flow, Port } from "@loomstack/openflow";
import type { Encapsulation } from "../compile/plan.ts";
import type { PathCapacity } from "../paths/path-measure.ts";
import type { Path } from "../paths/path-prober.ts";
import type { PlannedFlow } from "../pipeline/planned-flow.ts";
import { priority } from "../pipeline/priorities.ts";
import { type BridgeName, refused, services, tableOf } from "../pipeline/tables.ts";
import { type Output, type Visit, walkBridge } from "./bridge-walk.ts";
import { deviationText, judge } from "./deviation.ts";
import { missReason } from "./drop-reasons.ts";
import { flowText } from "./flow-text.ts";
import { type HeldBridge, type HeldHypervisor, type HeldPort, interfaceTrouble } from "./held-hypervisor.ts";
import { fieldInteger, formatPacket, isTagged, onTheWire, type Packet } from "./packet.ts";
import { passPhysicalNetwork } from "./physical-passage.ts";
import { tableName, tableText, whereText } from "./place-text.ts";
import { passTunnel } from "./tunnel-passage.ts";

/** What a walk is told. A hypervisor that can't be seen has the reason in its place. */
export interface WalkedWorld {
  readonly intent: Intent;
  readonly hypervisors: ReadonlyMap<string, HeldHypervisor | string>;
  /** What paths between hypervisors do with packets of this size, by `pathName`. */
  readonly paths: { get(name: string): PathCapacity | undefined };
  /** Of the IP packet. */
  readonly bytes: number;
  /** What the controller says to the packet when it's shown it, in words that go on from "it". */
  readonly answer: () => string | undefined;
  /** What the configuration says that the underlay carries, in bytes of IP packets. */
  readonly underlayMtu?: number | undefined;
}

export interface PacketWalk {
  readonly steps: readonly TraceStep[];
  readonly ends: readonly TraceEnd[];
  /** What isn't as it should be, in words, in the order in which the packet met it. */
  readonly deviations: readonly string[];
  /** Where it was out of sight, and is taken to have passed, in words. */
  readonly outOfSight: ReadonlySet<string>;
  /** The hypervisors that it met and that `hypervisors` says nothing about. */
  readonly unseen: ReadonlySet<string>;
  /** The paths that it met and that `paths` says nothing about. */
  readonly unmeasured: readonly Path[];
}

/** How many bridges a packet may pass one after the other, and how many tables in all: more is going in circles. */
const mostDepth = 16;
const mostSteps = 10_000;

/** Where a packet is: in a bridge, which it has come into by the packet's `inPort`. */
interface Place {
  readonly hypervisor: string;
  readonly bridge: BridgeName;
  readonly packet: Packet;
  readonly depth: number;
}

/** The bridge that a packet is in, and the table. */
interface Here extends Place {
  readonly held: HeldHypervisor;
  readonly switch: HeldBridge;
}

/** A packet that the guest of port `from`, on a hypervisor, sends into br-int by `inPort`. */
export interface WalkedPacket {
  readonly from: Uuid;
  readonly hypervisor: string;
  readonly inPort: OfPort;
  readonly packet: Packet;
  /** The port that it is for, if it is for one. */
  readonly goal: Uuid | undefined;
}

export function walkPacket(world: WalkedWorld, walked: WalkedPacket): PacketWalk {
  const walker = new Walker(world, walked);
  const { hypervisor, packet, inPort } = walked;
  walker.enter({ hypervisor, bridge: "br-int", packet: { ...packet, inPort }, depth: 0 });
  return walker;
}

class Walker implements PacketWalk {
  readonly steps: TraceStep[] = [];
  readonly ends: TraceEnd[] = [];
  readonly deviations: string[] = [];
  readonly outOfSight = new Set<string>();
  readonly unseen = new Set<string>();
  readonly unmeasured: Path[] = [];
  readonly #world: WalkedWorld;
  readonly #walked: WalkedPacket;

  constructor(world: WalkedWorld, walked: WalkedPacket) {
    this.#world = world;
    this.#walked = walked;
  }

  enter(place: Place): void {
    const held = this.#world.hypervisors.get(place.hypervisor);
    if (held === undefined) return void this.unseen.add(place.hypervisor);
    if (typeof held === "string")
      return this.#end(place, "unclear", `hypervisor ${place.hypervisor} can't be seen: ${held}`);
    const bridge = held.bridges.get(place.bridge);
    if (bridge === undefined) return this.#end(place, "unclear", `what ${whereText(place)} holds can't be seen`);
    if (place.depth > mostDepth || this.steps.length > mostSteps)
      return this.#end(place, "unclear", `the packet goes in circles: it is in ${whereText(place)} again`);
    const here = { ...place, held, switch: bridge };
    const visits = walkBridge(bridge.flows, place.packet);
    for (const visit of visits) this.#visit(here, visit);
    const last = refusalOf(here, visits) ?? visits.at(-1);
    const isGone = visits.every((visit) => visit.outputs.every((output) => output.isSkipped || isCopy(visit, output)));
    if (last !== undefined && isGone && last.obstacle === undefined) this.#drop(here, last);
  }

  #visit(here: Here, visit: Visit): void {
    const judgement = judge(here.held, here.bridge, visit);
    const deviation = deviationText(visit, judgement, { bridge: here.bridge, ports: here.switch.ports });
    if (deviation !== undefined) this.deviations.push(`${tableText(here, visit)}: ${deviation}`);
    const { flow, obstacle } = visit;
    const { made } = judgement;
    this.steps.push({
      depth: here.depth,
      hypervisor: here.hypervisor,
      bridge: here.bridge,
      table: tableName(here, visit),
      packet: formatPacket(visit.packet),
      flow: flow === undefined ? null : flowText(flow, here.bridge, here.switch.ports),
      feature: made?.feature ?? null,
      owner: made?.owner ?? null,
      why: made?.why ?? null,
      remarks: [
        ...(flow === undefined ? ["no flow takes it"] : []),
        ...visit.outputs.map((output) => this.#outputText(here, output)),
        ...(deviation === undefined ? [] : [deviation]),
        ...(obstacle === undefined ? [] : [obstacle]),
      ],
    });
    for (const output of visit.outputs)
      if (!output.isSkipped && !isCopy(visit, output)) this.#leave(here, output, made);
    if (obstacle !== undefined) this.#end(here, "unclear", `unclear in ${tableText(here, visit)}: ${obstacle}`);
  }

  #drop(here: Here, visit: Visit): void {
    const { intent } = this.#world;
    const { tableId, packet, flow } = visit;
    const judgement = judge(here.held, here.bridge, visit);
    const reason =
      deviationText(visit, judgement, { bridge: here.bridge, ports: here.switch.ports }) ??
      (flow === undefined || isMiss(here, flow)
        ? missReason({ intent, hypervisor: here.held, bridge: here.bridge, tableId, packet })
        : `${judgement.made?.why} (${flowText(flow, here.bridge, here.switch.ports)}, for ${judgement.made?.owner})`);
    const skipped = visit.outputs.length > 0 ? "it would go back out of the port that it came in by; " : "";
    this.#end(here, "dropped", `dropped on ${tableText(here, visit)}: ${skipped}${reason}`);
  }

  #leave(here: Here, { port, packet }: Output, made: PlannedFlow | undefined): void {
    if (port === Port.controller) return this.#punt(here, made);
    if (port === Port.local) return this.#end(here, "left", `output to the host itself, by ${whereText(here)}`);
    const number = portNumber(port, packet);
    const held = here.switch.ports.get(number);
    if (held === undefined)
      return this.#end(
        here,
        "dropped",
        `dropped on ${whereText(here)}: it is output to port ${number}, which isn't there`,
      );
    this.#pass(here, held, packet);
  }

  /** A question to the network itself is answered; what else is shown to the controller isn't. */
  #punt(here: Here, made: PlannedFlow | undefined): void {
    const isQuestion = made?.bridge === "br-int" && made.flow.tableId === services.id;
    if (!isQuestion) return this.#end(here, "punted", `punted to the controller by ${whereText(here)}`);
    const shown = `the controller, which ${whereText(here)} shows it to (${made.feature})`;
    const says = this.#world.answer();
    if (says === undefined)
      return this.#end(here, "punted", `not answered by ${shown}: it is no question that it knows`);
    this.#end(here, "answered", `answered by ${shown}: it ${says}`);
  }

  #pass(here: Here, port: HeldPort, packet: Packet): void {
    const { name, leadsTo } = port;
    switch (leadsTo.kind) {
      case "guest":
        return this.#deliver(here, port, leadsTo.port);
      case "patch": {
        const { bridge, port: inPort } = leadsTo;
        return this.enter({ ...here, bridge, packet: { ...onTheWire(packet), inPort }, depth: here.depth + 1 });
      }
      case "tunnel":
        return this.#tunnel(here, leadsTo.encapsulation, packet);
      case "uplink":
        return this.#uplink(here, leadsTo, packet);
      case "other":
        return this.#end(here, "left", `output to ${name} on ${whereText(here)}, which is no guest of ours`);
    }
  }

  #uplink(
    here: Here,
    { physicalNetwork, bridge }: Extract<HeldPort["leadsTo"], { kind: "uplink" }>,
    packet: Packet,
  ): void {
    const tag = isTagged(packet) ? `VLAN ${fieldInteger(packet, "vlanVid") & 0xfffn}` : "no tag";
    const way = `physical network ${physicalNetwork}, with ${tag}`;
    if (bridge === undefined)
      return this.#end(here, "dropped", `dropped on ${whereText(here)}: its patch to ${way}, leads to no bridge`);
    const { from, goal } = this.#walked;
    const network = this.#world.intent.ports.get(from)?.networkId;
    const { hypervisor } = here;
    const arrivals = passPhysicalNetwork(this.#world, { packet, hypervisor, physicalNetwork, network, goal });
    if (goal === undefined || arrivals.length === 0)
      this.#end(here, "outside", `leaves ${hypervisor} towards ${way}, by its bridge ${bridge}`);
    for (const arrival of arrivals) {
      const place: Place = { ...here, hypervisor: arrival.hypervisor, bridge: "br-int", depth: here.depth + 1 };
      if (arrival.kind === "lost")
        this.#end(
          place,
          "dropped",
          `dropped on ${whereText(place)}: ${arrival.reason}, which the packet was sent into`,
        );
      else {
        this.outOfSight.add(`${way} from ${hypervisor} to ${arrival.hypervisor}`);
        this.enter({ ...place, packet: arrival.packet });
      }
    }
  }

  #deliver(here: Here, port: HeldPort, to: Uuid): void {
    const trouble = interfaceTrouble(port, this.#world.bytes);
    const guest = `port ${to} on ${whereText(here)} (${port.name})`;
    if (trouble !== undefined)
      return this.#end(here, "dropped", `dropped behind ${whereText(here)}: it is output to ${guest}, but ${trouble}`);
    const isSender = to === this.#walked.from && here.hypervisor === this.#walked.hypervisor;
    const text = `${isSender ? "answered to" : "output to"} ${guest}`;
    return this.#end(here, isSender ? "answered" : "delivered", text, to);
  }

  #tunnel(here: Here, encapsulation: Encapsulation, packet: Packet): void {
    const passage = passTunnel(this.#world, here.held, encapsulation, packet);
    switch (passage.kind) {
      case "arrives": {
        const { hypervisor } = passage;
        return this.enter({ hypervisor, bridge: "br-tun", packet: passage.packet, depth: here.depth + 1 });
      }
      case "unmeasured":
        return void this.unmeasured.push(passage.path);
      case "lost": {
        const { at, reason } = passage;
        if (at === undefined) return this.#end(here, "dropped", `dropped behind ${whereText(here)}: ${reason}`);
        const place = { ...here, hypervisor: at, bridge: "br-tun" as const };
        return this.#end(place, "dropped", `dropped on ${whereText(place)}: ${reason}`);
      }
    }
  }

  #outputText(here: Here, { port, packet, isSkipped }: Output): string {
    if (port === Port.controller) return "punted to the controller";
    const number = portNumber(port, packet);
    const name = here.switch.ports.get(number)?.name ?? String(number);
    if (isSkipped) return `not output to ${name}, which it came in by`;
    return port === Port.inPort ? `sent back to ${name}` : `output to ${name}`;
  }

  #end({ hypervisor, bridge }: Place, kind: TraceEnd["kind"], text: string, port: Uuid | null = null): void {
    this.ends.push({ kind, hypervisor, bridge, port, text });
  }
}

/** The visit to the table that refused the packet, where it went on only to be counted. */
function refusalOf({ bridge }: Place, visits: readonly Visit[]): Visit | undefined {
  const [before, last] = visits.slice(-2);
  return bridge === refused.bridge && last?.tableId === refused.id ? before : undefined;
}

/** Whether a flow is what the table does with a packet that no other of its flows takes. */
function isMiss({ bridge }: Place, flow: Flow): boolean {
  return flow.priority === priority.miss && tableOf(bridge, flow.tableId)?.miss !== "drop";
}

/** Whether the controller is only shown the packet, which goes on. */
function isCopy({ flow, outputs }: Visit, { port }: Output): boolean {
  if (port !== Port.controller) return false;
  const goesOn = flow?.instructions.some(({ kind }) => kind === "gotoTable") === true;
  return goesOn || outputs.some((other) => other.port !== Port.controller);
}

function portNumber(port: OfPort, { inPort }: Packet): OfPort {
  if (port !== Port.inPort) return port;
  if (inPort === undefined) throw new LoomstackError("CORE__UNREACHABLE", { what: "a packet without a port of entry" });
  return inPort;
}
