/**
 * What the flows cost a packet, for `npm run bench -- datapath`: opens the lab with pairs of guests in a network of the
 * controller's and on plain bridges, and measures the ones and the others in turn, each time with a line of JSON, until
 * it is told to stop (SIGTERM).
 */
import { messageOf, silentLogger } from "@loomstack/core";
import { runInLab } from "../launch.ts";
import { openReliabilityWorld, type Pair, type ReliabilityWorld } from "../reliability/reliability-world.ts";
import { insideLab } from "../world.ts";
import { measurePassage, type Passage } from "./passage.ts";

const sides = [
  { side: "ours", local: "local", overlay: "overlay" },
  { side: "plain", local: "plain local", overlay: "plain overlay" },
] as const;

async function measureOn(isStopped: () => boolean): Promise<void> {
  await using world = await openReliabilityWorld(silentLogger);
  while (!isStopped()) {
    for (const { side, local, overlay } of sides) {
      const passages = { local: await passageOf(world, local), overlay: await passageOf(world, overlay) };
      process.stdout.write(`${JSON.stringify({ side, ...passages })}\n`);
    }
  }
}

async function passageOf({ pairs }: ReliabilityWorld, name: Pair["name"]): Promise<Passage> {
  const pair = pairs.find((one) => one.name === name);
  if (pair === undefined) throw new TypeError(`there is no pair ${name}`);
  return measurePassage(pair);
}

let isStopped = false;
try {
  if (insideLab()) {
    process.once("SIGTERM", () => (isStopped = true));
    await measureOn(() => isStopped);
  } else process.exitCode = await runInLab(import.meta.url, []);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
