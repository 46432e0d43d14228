import { setTimeout as pause } from "node:timers/promises";
import { messageOf } from "@loomstack/core";
import { allActive, ControllerWatch, type Said } from "./controller-watch.ts";
import { untilCorrect } from "./correctness.ts";
import { type FlowTestimony, FlowWitness } from "./flow-witness.ts";
import { type PacketStream, startStream, type StreamCount } from "./packet-stream.ts";
import type { Pair, ReliabilityWorld } from "./reliability-world.ts";
import type { Scenario, Staged } from "./scenario.ts";

const undisturbedMs = 1_000;
const correctLimitMs = 60_000;

/** What was seen of one scenario. */
export interface Measurement {
  readonly scenario: Pick<Scenario, "name" | "title" | "forwards">;
  readonly streams: Readonly<Record<Pair["name"], StreamCount>>;
  readonly flows: FlowTestimony;
  /** From the beginning until its cause was over, such as a process started again. */
  readonly causeMs: number;
  /** From then until all was right. 0 when it was right all the time. */
  readonly correctMs: number;
  readonly said: readonly Said[];
  readonly note: string;
  /** What is not as it has to be. */
  readonly failures: readonly string[];
}

/** Lets a scenario happen once, while all pairs send packets. */
export async function measure(world: ReliabilityWorld, scenario: Scenario): Promise<Measurement> {
  const staged = await scenario.stage(world);
  await untilCorrect(world, correctLimitMs);
  const measured = await watched(world, scenario, staged);
  const failures = [...measured.failures, ...((await staged.verify?.()) ?? [])];
  await staged.undo?.();
  await untilCorrect(world, correctLimitMs);
  const { name, title, forwards } = scenario;
  return { ...measured, scenario: { name, title, forwards }, note: staged.note?.() ?? "", failures };
}

async function watched(
  world: ReliabilityWorld,
  scenario: Scenario,
  staged: Staged,
): Promise<Omit<Measurement, "scenario" | "note">> {
  const streams = world.pairs.map(startStream);
  const witnesses = await Promise.all(world.lab.hypervisors.map(async (hypervisor) => FlowWitness.begin(hypervisor)));
  const watch = new ControllerWatch(world.controller, "host-0");
  await pause(undisturbedMs);
  const beganAt = performance.now();
  await staged.act();
  const overAt = performance.now();
  const failures: string[] = [];
  const correctAt = await untilCorrect(world, correctLimitMs).catch((error: unknown) => {
    failures.push(messageOf(error));
    return performance.now();
  });
  const [said, counts] = await Promise.all([watch.stop(beganAt), stopAll(streams)]);
  const testimonies = await Promise.all(witnesses.map(async (witness) => witness.end()));
  const flows = testimonies.reduce(sumOf);
  if (scenario.forwards) failures.push(...losses(counts));
  failures.push(...unsaid(scenario, said));
  if (flows.disturbedFlows > 0)
    failures.push(`${flows.disturbedFlows} flows that were right were removed or sent again`);
  return {
    streams: counts,
    flows,
    causeMs: Math.round(overAt - beganAt),
    correctMs: Math.round(correctAt - overAt),
    said,
    failures,
  };
}

async function stopAll(streams: readonly PacketStream[]): Promise<Record<Pair["name"], StreamCount>> {
  const counts = await Promise.all(streams.map(async (stream) => [stream.pair, await stream.stop()] as const));
  return Object.fromEntries(counts) as Record<Pair["name"], StreamCount>;
}

function losses(counts: Readonly<Record<Pair["name"], StreamCount>>): string[] {
  return (["local", "overlay"] as const)
    .filter((pair) => counts[pair].lost > 0 || counts[pair].sent === 0)
    .map((pair) => `the ${pair} pair lost ${counts[pair].lost} of ${counts[pair].sent} packets`);
}

function unsaid({ says }: Scenario, said: readonly Said[]): string[] {
  if (says === undefined) return [];
  const isSaid = said.some(({ hypervisor, ports }) => says.test(hypervisor) && ports !== allActive);
  return isSaid ? [] : [`the controller never said ${String(says)} of the hypervisor with ports that aren't ACTIVE`];
}

function sumOf(a: FlowTestimony, b: FlowTestimony): FlowTestimony {
  return {
    flowMods: a.flowMods + b.flowMods,
    changedFlows: a.changedFlows + b.changedFlows,
    disturbedFlows: a.disturbedFlows + b.disturbedFlows,
  };
}
