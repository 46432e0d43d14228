import { LoomstackError, silentLogger, systemClock } from "@loomstack/core";
import {
  connectOvsdb,
  type CountResult,
  openVswitch,
  type Operation,
  type OvsdbClient,
  stringifyJson,
  update,
} from "@loomstack/ovsdb";
import { startOvsdbDaemon } from "@loomstack/testkit";
import type { Benchmark, Run } from "../benchmark.ts";
import { BareConnection } from "./bare-connection.ts";
import { fillHypervisor, interfaceName } from "./hypervisor.ts";
import { readResources } from "./resources.ts";

/** How many transactions are on their way at once, on either side. */
const window = 500;
const interfaces = 100;
/** After so many the code of both sides is compiled: a connection to a hypervisor lives for days. */
const warmUpTransactions = 10_000;

/**
 * Small transactions, pipelined on one connection: each gives an interface another `external_ids`, as cheap for the
 * server as a transaction that writes can be. The peer is a bare socket that sends the same requests, encoded before,
 * and only counts answers: what the server and Node.js allow.
 */
export const transact: Benchmark = {
  bench: "ovsdb",
  metrics: {
    transact: { unit: "transactions/s", better: "higher", goal: 0.9 },
    "transact-cpu": { unit: "µs/transaction", better: "lower" },
  },
  peer: "bare socket",
  runs: 9,
  async prepare(length) {
    const transactions = length === "full" ? 20_000 : 2_000;
    await using starting = new AsyncDisposableStack();
    const { remote } = starting.use(await startOvsdbDaemon());
    await fillHypervisor(remote, 4 + 2 * interfaces);
    const client = starting.use(await connectOvsdb({ remote, clock: systemClock, logger: silentLogger }));
    const bare = starting.use(await BareConnection.connect(remote));
    const running = starting.move();
    await transactAll(client, warmUpTransactions, 0);
    await bare.replay(encodeAll(warmUpTransactions, 0), window);
    let round = 0;
    const rate = async (work: () => Promise<void>): Promise<Run> => {
      const before = readResources();
      await work();
      const after = readResources();
      const cpuS = after.cpuS - before.cpuS;
      return {
        figures: {
          transact: transactions / (after.wallS - before.wallS),
          "transact-cpu": (cpuS * 1e6) / transactions,
        },
      };
    };
    return {
      params: { transactions, window, operation: "update Interface.external_ids" },
      ours: () => rate(() => transactAll(client, transactions, ++round)),
      peer: () => {
        const requests = encodeAll(transactions, ++round);
        return rate(() => bare.replay(requests, window));
      },
      [Symbol.asyncDispose]: () => running.disposeAsync(),
    };
  },
};

function operationFor(index: number, round: number): Operation<CountResult> {
  const name = interfaceName(index % interfaces);
  const ids = new Map([["iface-id", `${round}-${index}`]]);
  return update(openVswitch, "Interface", [["name", "==", name]], { external_ids: ids });
}

/** Each answer lets the next transaction go. */
async function transactAll(client: OvsdbClient, count: number, round: number): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const [{ count: updated }] = await client.transact("Open_vSwitch", [operationFor(next++, round)]);
      if (updated !== 1)
        throw new LoomstackError("LAB__EXPECTATION_FAILED", { what: "rows updated", expected: 1, seen: updated });
    }
  };
  await Promise.all(Array.from({ length: window }, lane));
}

/** The requests for a bare connection, whose ids begin at 0. */
function encodeAll(count: number, round: number): readonly Buffer[] {
  return Array.from({ length: count }, (_, id) => {
    const { json } = operationFor(id, round);
    return Buffer.from(stringifyJson({ method: "transact", params: ["Open_vSwitch", json], id }));
  });
}
