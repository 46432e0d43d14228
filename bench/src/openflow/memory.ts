import { LoomstackError, silentLogger, systemClock } from "@loomstack/core";
import { listenForSwitches } from "@loomstack/openflow";
import type { Benchmark, Run } from "../benchmark.ts";
import { runNode } from "../child.ts";
import { liveHeapMb, peakHeapMb } from "../heap.ts";
import { realisticFlows } from "./flows.ts";
import { startMeasuredSwitch } from "./measured-switch.ts";
import { answerPackets, throughputWindow } from "./packet-in.ts";

/** By so many packets the heap is compared: one that keeps 11 bytes of each grows by more than the goal. */
const packets = 100_000;

/**
 * What the library has in memory: how much more is alive after 100,000 packet-ins were answered and their connection has
 * ended, and the most that is in use while all flows of a real Open vSwitch are dumped, the decoded flows and what waits
 * to be collected among it. Apart from what is timed: collections make compiled code begin anew.
 */
export const memory: Benchmark = {
  bench: "openflow",
  metrics: {
    "packet-in-heap": { unit: "MB", better: "lower", goal: 1 },
    "dump-heap-peak": { unit: "MB", better: "lower" },
  },
  runs: 3,
  async prepare(length) {
    const count = length === "full" ? 100_000 : 10_000;
    await using starting = new AsyncDisposableStack();
    const measured = starting.use(await startMeasuredSwitch());
    const options = { host: "127.0.0.1", port: 0, clock: systemClock, logger: silentLogger };
    const listener = starting.use(await listenForSwitches({ ...options, onSwitch: answerPackets }));
    await measured.install(realisticFlows(count));
    await measured.expectFlows(count);
    const answer = async (signal: AbortSignal): Promise<void> => {
      // The switch sends as many again before those that it counts.
      const args = [listener.port, throughputWindow, packets / 2].map(String);
      await runNode("openflow/simulated-switch.ts", args, signal);
    };
    const dump = async (): Promise<void> => {
      const seen = (await measured.connection.dumpFlows()).length;
      if (seen !== count) throw new LoomstackError("LAB__EXPECTATION_FAILED", { what: "flows", expected: count, seen });
    };
    await answer(new AbortController().signal);
    const running = starting.move();
    return {
      params: { flows: count, packets },
      ours: async (signal): Promise<Run> => {
        const before = await liveHeapMb();
        await answer(signal);
        const grown = (await liveHeapMb()) - before;
        return { figures: { "packet-in-heap": grown, "dump-heap-peak": await peakHeapMb(dump) } };
      },
      [Symbol.asyncDispose]: () => running.disposeAsync(),
    };
  },
};
