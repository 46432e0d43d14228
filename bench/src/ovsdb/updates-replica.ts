/**
 * Our side of `updates`: `node --expose-gc updates-replica.ts <remote> <warm-up rounds> <rounds> <interfaces>` follows
 * recorded statistics and prints how fast, and how much the heap has grown meanwhile.
 */
import { silentLogger, systemClock } from "@loomstack/core";
import { connectOvsdb, openVswitch } from "@loomstack/ovsdb";
import { interfaceName, roundOf } from "./hypervisor.ts";

const [remote = "", ...numbers] = process.argv.slice(2);
const [warmUpRounds = 0, rounds = 0, interfaces = 0] = numbers.map(Number);
await using client = await connectOvsdb({ remote, clock: systemClock, logger: silentLogger });
await using replica = await client.monitor(openVswitch, { Interface: "all" });
using byName = replica.index("Interface", ({ name }) => name);

await replica.until(() => currentRound() === warmUpRounds);
const heapBeforeMb = await heapMb();
const startMs = performance.now();
await client.listDatabases();
await replica.until(() => currentRound() === warmUpRounds + rounds);
const seconds = (performance.now() - startMs) / 1000;
const heapAfterMb = await heapMb();
const figures = { updates: (rounds * interfaces) / seconds, "updates-heap": heapAfterMb - heapBeforeMb };
console.log(JSON.stringify({ figures, params: { heap_mb: Math.round(heapAfterMb) } }));

/** What is alive once the work of this moment is done. */
async function heapMb(): Promise<number> {
  // What a first collection finds dead outside of the heap, such as buffers, goes a moment later.
  for (let collection = 0; collection < 2; collection += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

function currentRound(): number {
  const [first] = byName.get(interfaceName(0)).values();
  return first === undefined ? 0 : roundOf(0, first.statistics);
}
