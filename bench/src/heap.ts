/** What this process has in memory, for sides that run in it. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

// What `--expose-gc` does on the command line: a side in this process can't choose that.
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** How often the heap is looked at while its peak is wanted. */
const sampleMs = 5;

/** What is alive once the work of this moment is done, buffers among it. */
export async function liveHeapMb(): Promise<number> {
  // What a first collection finds dead outside of the heap, such as buffers, goes a moment later.
  for (let collection = 0; collection < 2; collection += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  return usedMb();
}

/** The most that was in use while `work` went on, garbage included, above what was alive before. */
export async function peakHeapMb(work: () => Promise<unknown>): Promise<number> {
  const before = await liveHeapMb();
  let peak = before;
  const look = (): void => void (peak = Math.max(peak, usedMb()));
  const timer = setInterval(look, sampleMs);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  look();
  return peak - before;
}

function usedMb(): number {
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}
