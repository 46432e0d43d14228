import type { LiveSightings, Trace, TraceStep } from "@loomstack/model";
import { expect, test } from "vitest";
import { liveVerdict } from "./live-verdict.ts";

const step = (hypervisor: string, bridge: string, table: string): TraceStep => ({
  ...{ depth: 0, hypervisor, bridge, table, packet: "", flow: null, feature: null, owner: null, why: null },
  remarks: [],
});
const trace = (steps: readonly TraceStep[]): Trace => ({
  ...{ packet: "", bytes: 60, remark: null, steps, ends: [], live: null },
  ...{ reached: true, verdict: "the packet is answered by the controller: it offers an address" },
});
const seenAt = (steps: readonly TraceStep[], answered: boolean | null): LiveSightings => ({
  ...{ packetsSent: 1, unwatched: [], answered },
  seen: steps.map(({ hypervisor, bridge, table }) => ({ what: "packet", hypervisor, bridge, table, afterMs: 1 })),
});
const sent = { deliver: true, answer: undefined };

test("what the controller has said is told with its time, and that it said nothing as not reached", () => {
  const way = [step("a", "br-int", "services")];
  const answer = { says: "offers an address", afterMs: 2 };
  expect(liveVerdict(trace(way), seenAt(way, true), { ...sent, answer })).toEqual({
    reached: true,
    verdict: "the packet is answered by the controller: it offers an address; that was said after 2 ms",
  });
  expect(liveVerdict(trace(way), seenAt(way, false), { ...sent, answer: "none" })).toMatchObject({
    reached: false,
    verdict: expect.stringMatching(/offers an address; but nothing was said: /) as string,
  });
});

test.each([
  ["the underlay, between ends of a tunnel", "br-tun", "underlay"],
  ["the physical network, between patches to it", "br-int", "physical network"],
])("a packet that one hypervisor saw and the next one didn't was lost in %s", (_, bridge, between) => {
  const way = [step("a", bridge, "forward"), step("b", bridge, "classify")];
  expect(liveVerdict(trace(way), seenAt(way.slice(0, 1), null), sent)).toMatchObject({
    reached: false,
    verdict: expect.stringContaining(`it was lost between a and b; does the ${between} carry such packets?`) as string,
  });
});
