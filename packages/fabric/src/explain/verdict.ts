import type { Trace, TraceEnd } from "@loomstack/model";
import type { PortPacket } from "./packet-of-port.ts";
import { isQuestion } from "./packet-size.ts";
import type { PacketWalk } from "./packet-walk.ts";

/** How many ends of a broadcast are named. */
const mostNamed = 4;

/** Whether a packet got to whom it is for, and where and why it stopped, in one sentence. */
export function verdictOf(sent: PortPacket, walk: PacketWalk): Pick<Trace, "reached" | "verdict"> {
  const reached = isReached(sent, walk.ends);
  const told = reached ? walk.ends.filter((end) => isArrival(sent, end)) : walk.ends.filter(isDelivered);
  const stops = reached ? [] : walk.ends.filter((end) => !isDelivered(end)).slice(0, 1);
  const parts = [
    ...(sent.isForNobody && stops.length === 0 ? ["nobody is known to have the address"] : []),
    ...stops.map(({ text }) => text),
    ...(told.length === 0 ? [] : [`the packet is ${named(told)}${missedGoal(sent, reached)}`]),
  ];
  return { reached, verdict: `${parts.join("; ")}${onItsWay(walk, parts)}${outOfSight(walk)}` };
}

function outOfSight({ outOfSight: places }: PacketWalk): string {
  return places.size === 0
    ? ""
    : `; what becomes of it in ${[...places].slice(0, mostNamed).join(" and ")} can't be seen`;
}

/** A packet for one port has to get there, one for all of them has to come to no other end. */
function isReached(sent: PortPacket, ends: readonly TraceEnd[]): boolean {
  if (sent.isForNobody) return false;
  const arrivals = ends.filter((end) => isArrival(sent, end));
  // Whoever hears it outside besides is nobody's to say.
  const ours = ends.filter(({ kind }) => kind !== "outside");
  return arrivals.length > 0 && (sent.goal !== undefined || arrivals.length === ours.length);
}

function isArrival({ packet, goal }: PortPacket, { kind, port }: TraceEnd): boolean {
  // What a guest asks of the network itself the controller answers, wherever it sends it; what is for a port is not.
  if (kind === "answered") return isQuestion(packet) || (port === null && goal === undefined);
  return kind === "delivered" && (goal === undefined || port === goal);
}

function isDelivered({ kind }: TraceEnd): boolean {
  return kind === "delivered";
}

function missedGoal({ goal }: PortPacket, reached: boolean): string {
  return reached || goal === undefined ? "" : `, and not to port ${goal}`;
}

function named(ends: readonly TraceEnd[]): string {
  const texts = ends.slice(0, mostNamed).map(({ text }) => text);
  const rest = ends.length - texts.length;
  return `${texts.join(" and ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

/** The first thing that wasn't as it should be, unless it is told already. */
function onItsWay({ deviations: [first] }: PacketWalk, told: readonly string[]): string {
  return first === undefined || told.some((part) => part.includes(first)) ? "" : `; on its way, ${first}`;
}
