import { LoomstackError } from "@loomstack/core";
import { openVswitch } from "@loomstack/ovsdb";
import { startOvsdbDaemon } from "@loomstack/testkit";
import type { Benchmark, Run } from "../benchmark.ts";
import { runNode, runPython } from "../child.ts";
import { fillHypervisor } from "./hypervisor.ts";
import { loadedTables } from "./loaded-tables.ts";

/**
 * From dialling to a complete replica of a hypervisor's database. Both sides are processes that have loaded their
 * libraries and done nothing else yet; both ask the same server for the same columns.
 */
export const load: Benchmark = {
  bench: "ovsdb",
  metrics: {
    load: { unit: "s", better: "lower", goal: 3 },
    "load-cpu": { unit: "s", better: "lower", goal: 3 },
    "load-memory": { unit: "MB", better: "lower", goal: 1 },
  },
  peer: "python3-openvswitch",
  runs: 5,
  async prepare(length) {
    const rows = length === "full" ? 20_000 : 2_000;
    await using starting = new AsyncDisposableStack();
    const { remote } = starting.use(await startOvsdbDaemon());
    await fillHypervisor(remote, rows);
    const running = starting.move();
    const columns = Object.fromEntries(
      Object.keys(loadedTables).map((table) => [table, Object.keys(openVswitch.tables[table as "Port"].columns)]),
    );
    return {
      params: { rows },
      ours: async (signal) => complete(await runNode("ovsdb/load-replica.ts", [remote], signal), "rows", rows),
      peer: async (signal) =>
        complete(await runPython("ovsdb/load_idl.py", [remote, JSON.stringify(columns)], signal), "peer_rows", rows),
      [Symbol.asyncDispose]: () => running.disposeAsync(),
    };
  },
};

/** @throws LAB__EXPECTATION_FAILED when a side has loaded less or more than there is */
function complete(run: Run, param: string, rows: number): Run {
  const seen = run.params?.[param];
  if (seen === rows) return run;
  throw new LoomstackError("LAB__EXPECTATION_FAILED", { what: "rows loaded", expected: rows, seen: String(seen) });
}
