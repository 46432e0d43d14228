import { spawn } from "node:child_process";
import { once } from "node:events";
import { LoomstackError } from "@loomstack/core";
import type { Benchmark, Run } from "../benchmark.ts";
import { realisticFlows } from "./flows.ts";
import { type MeasuredSwitch, startMeasuredSwitch } from "./measured-switch.ts";

/**
 * All flows of a real Open vSwitch, from the request to values with matches and actions decoded. The peer is ovs-ofctl,
 * which prints them to /dev/null.
 */
export const dump: Benchmark = {
  bench: "openflow",
  metrics: {
    dump: { unit: "flows/s", better: "higher", goal: 1 },
  },
  peer: "ovs-ofctl dump-flows",
  runs: 9,
  async prepare(length) {
    const count = length === "full" ? 100_000 : 10_000;
    await using starting = new AsyncDisposableStack();
    const measured = starting.use(await startMeasuredSwitch());
    await measured.install(realisticFlows(count));
    await measured.expectFlows(count);
    await ours(measured, count);
    const running = starting.move();
    return {
      params: { flows: count },
      ours: () => ours(measured, count),
      peer: (signal) => printed(measured, count, signal),
      [Symbol.asyncDispose]: () => running.disposeAsync(),
    };
  },
};

async function ours({ connection }: MeasuredSwitch, count: number): Promise<Run> {
  const before = performance.now();
  const flows = await connection.dumpFlows();
  const seconds = (performance.now() - before) / 1000;
  if (flows.length !== count)
    throw new LoomstackError("LAB__EXPECTATION_FAILED", { what: "flows dumped", expected: count, seen: flows.length });
  return { figures: { dump: count / seconds } };
}

async function printed({ management }: MeasuredSwitch, count: number, signal: AbortSignal): Promise<Run> {
  const before = performance.now();
  const program = spawn("ovs-ofctl", ["-O", "OpenFlow13", "dump-flows", management], { signal, stdio: "ignore" });
  const [status] = (await once(program, "exit")) as [number | null];
  const seconds = (performance.now() - before) / 1000;
  if (status === 0) return { figures: { dump: count / seconds } };
  throw new LoomstackError("LAB__EXPECTATION_FAILED", {
    what: "status of ovs-ofctl",
    expected: 0,
    seen: String(status),
  });
}
