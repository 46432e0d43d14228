import type { LiveSightings, Sighting, Trace, TraceStep, UnwatchedBridge } from "@loomstack/model";
import type { Answered } from "./sightings.ts";

type Told = Pick<Trace, "reached" | "verdict">;
type Place = Pick<Sighting, "hypervisor" | "bridge" | "table">;

interface Sending {
  readonly deliver: boolean;
  /** The controller's, where it has one to give. */
  readonly answer: Answered | "none" | undefined;
}

/** What became of a real packet, in one sentence: what the flows say, and what was seen. */
export function liveVerdict(trace: Trace, live: LiveSightings, { deliver, answer: own }: Sending): Told {
  const { steps, ends, reached, verdict } = trace;
  const packets = live.seen.filter(({ what }) => what === "packet");
  const missed = steps.find((step) => !isUnwatched(live.unwatched, step) && !packets.some((one) => isSame(one, step)));
  const stray = packets.find((one) => !steps.some((step) => isSame(one, step)));
  const answer = own === undefined ? answerText(live) : controllerText(own);
  if (missed === undefined) {
    const strayed =
      stray === undefined ? "" : `; it was also seen in ${placeText(stray)}, where these flows don't lead it`;
    const withheld = reached && !deliver ? "; it was stopped there, as asked, and the guest didn't get it" : "";
    const blind = live.unwatched.map((one) => `; ${one.hypervisor}, ${one.bridge} couldn't be watched: ${one.reason}`);
    const told = `${verdict}${withheld}${strayed}${answer}${blind.join("")}`;
    return { reached: own === "none" ? false : reached || live.answered === true, verdict: told };
  }
  if (live.answered === true)
    return {
      reached: true,
      verdict: `${verdict}; ${placeText(missed)} didn't tell of it, and it went through${answer}`,
    };
  const last = steps.slice(0, steps.indexOf(missed)).findLast((step) => packets.some((one) => isSame(one, step)));
  const ended = ends.find(({ kind }) => kind !== "delivered" && kind !== "answered");
  const said = ended === undefined ? "by the flows that the switches held, it would go on" : ended.text;
  return {
    reached: false,
    verdict:
      last === undefined
        ? `no table told of the packet, not even ${placeText(missed)}, where it was sent: is that switch still connected?`
        : `the packet was last seen in ${placeText(last)}, and not in ${placeText(missed)}: ${between(last, missed)} (${said})`,
  };
}

function controllerText(answer: Answered | "none"): string {
  return answer === "none"
    ? "; but nothing was said: is more asked of it than it answers, or did the question get lost on its way to it?"
    : `; that was said after ${answer.afterMs} ms`;
}

/** What may be the matter where a packet has left one table and hasn't come to the next. */
function between(last: TraceStep, missed: TraceStep): string {
  if (last.hypervisor !== missed.hypervisor) {
    const between = last.bridge === "br-tun" ? "underlay" : "physical network";
    return `it was lost between ${last.hypervisor} and ${missed.hypervisor}; does the ${between} carry such packets?`;
  }
  return last.bridge === missed.bridge
    ? "the flows there are others now"
    : `it was lost between ${last.bridge} and ${missed.bridge}; is the patch between them in place?`;
}

function answerText({ seen, answered }: LiveSightings): string {
  if (answered === null) return "";
  const last = seen.findLast(({ what }) => what === "answer");
  if (answered && last !== undefined) return `; its answer was back after ${last.afterMs} ms`;
  return last === undefined
    ? "; no answer came back from the guest"
    : `; its answer was last seen in ${placeText(last)}, and didn't come back`;
}

export function isUnwatched(unwatched: readonly UnwatchedBridge[], { hypervisor, bridge }: TraceStep): boolean {
  return unwatched.some((one) => one.hypervisor === hypervisor && one.bridge === bridge);
}

function isSame(one: Place, other: Place): boolean {
  return one.hypervisor === other.hypervisor && one.bridge === other.bridge && one.table === other.table;
}

function placeText({ hypervisor, bridge, table }: Place): string {
  return `${hypervisor}, ${bridge} table ${table}`;
}
