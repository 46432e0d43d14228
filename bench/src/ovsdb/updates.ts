import { openVswitch } from "@loomstack/ovsdb";
import { startOvsdbDaemon } from "@loomstack/testkit";
import type { Benchmark } from "../benchmark.ts";
import { runNode, runPython } from "../child.ts";
import { fillHypervisor, interfaceName } from "./hypervisor.ts";
import { recordStatistics, startRecordedServer } from "./recording.ts";

const interfaces = 1_000;

/**
 * New statistics of 1,000 interfaces, 100 times: 100,000 updates of the same rows. Both sides read the same bytes from
 * a server that repeats what ovsdb-server has said. The heap is compared after a collection, before and after: one
 * that keeps as little as 11 bytes of each update grows by more than the goal.
 */
export const updates: Benchmark = {
  bench: "ovsdb",
  metrics: {
    updates: { unit: "row updates/s", better: "higher", goal: 3 },
    "updates-heap": { unit: "MB", better: "lower", goal: 1 },
  },
  peer: "python3-openvswitch",
  runs: 5,
  async prepare(length) {
    const rounds = length === "full" ? 100 : 20;
    // The heap also holds compiled code, which comes in the first rounds.
    const warmUpRounds = length === "full" ? 20 : 10;
    await using starting = new AsyncDisposableStack();
    const recorded = starting.use(await startRecordedServer(await record(warmUpRounds + rounds), warmUpRounds));
    const running = starting.move();
    const args = [recorded.remote, ...[warmUpRounds, rounds, interfaces].map(String)];
    const columns = JSON.stringify({ Interface: Object.keys(openVswitch.tables.Interface.columns) });
    return {
      params: { rows: interfaces, updates: rounds * interfaces },
      ours: (signal) => runNode("ovsdb/updates-replica.ts", args, signal),
      peer: (signal) => runPython("ovsdb/updates_idl.py", [...args, columns, interfaceName(0)], signal),
      [Symbol.asyncDispose]: () => running.disposeAsync(),
    };
  },
};

async function record(rounds: number) {
  await using daemon = await startOvsdbDaemon();
  await fillHypervisor(daemon.remote, 4 + 2 * interfaces);
  return await recordStatistics(daemon.remote, interfaces, rounds);
}
