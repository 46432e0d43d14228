import type { Benchmark, Length, Metric, Parameters, Rig, Run } from "../benchmark.ts";
import { type FabricChoices, fakeWorks, quarterOf, realWorks, shortened } from "./choices.ts";
import { startFakeWorld } from "./fake-world.ts";
import { recordMade, runFloor } from "./floor.ts";
import { runOurs } from "./ours.ts";
import { missingOvn, Ovn, ovnSettings, ovnVersion } from "./ovn.ts";
import { crashOnAbort, type Plan, runSide } from "./side.ts";
import type { Work } from "./work.ts";
import { makeFolder, startWorld } from "./world.ts";

/** How many times better than OVN we want to be. */
interface Aims {
  readonly time: number;
  readonly cpu: number;
  readonly memory: number;
}

const aims: Readonly<Record<string, Aims>> = {
  A: { time: 10, cpu: 10, memory: 3 },
  B: { time: 10, cpu: 10, memory: 10 },
  C: { time: 2, cpu: 2, memory: 2 },
};

/** A time that is no more than so many times what bare Open vSwitch takes is good in any case. */
const timesFloor = 1.5;
/** Ports that are added one by one. */
const morePorts = { full: 100, short: 5 } as const;

/** From intent to flows on every hypervisor, and what that costs: with OVN in turn on real ones, alone on played ones. */
export function fabricBenchmarks(choices: FabricChoices): readonly Benchmark[] {
  return [
    ...realWorks(choices).map((work) => onRealHypervisors(work, choices)),
    ...fakeWorks(choices).map((work) => onPlayedHypervisors(work, choices)),
  ];
}

function onRealHypervisors(work: Work, choices: FabricChoices): Benchmark {
  return {
    bench: "fabric",
    metrics: realMetrics(missingOvn === undefined ? aims[work.name] : undefined),
    peer: "ovn",
    runs: 3,
    prepare: (length) => realRig(shortened(work, length), length, choices),
  };
}

function realMetrics(aim: Aims | undefined): Readonly<Record<string, Metric>> {
  const aimed = (unit: string, goal: number | undefined): Metric => ({
    ...{ unit, better: "lower" },
    ...(goal === undefined ? {} : { goal }),
  });
  const timed = (unit: string): Metric => ({ ...aimed(unit, aim?.time), timesFloor });
  return {
    converge: timed("s"),
    "converge-cpu": aimed("s", aim?.cpu),
    memory: aimed("MB", aim?.memory),
    "memory-peak": aimed("MB", undefined),
    flows: aimed("flows/hypervisor", undefined),
    "openflow-bytes": aimed("MB", undefined),
    "one-more-port": timed("ms"),
    "one-more-port-p95": timed("ms"),
    "one-more-port-cpu": aimed("ms", aim?.cpu),
    restart: timed("s"),
    "restart-cpu": aimed("s", aim?.cpu),
    "restart-flow-mods": aimed("flow mods", 0),
  };
}

async function realRig(work: Work, length: Length, { profile }: FabricChoices): Promise<Rig> {
  const planOf = (signal: AbortSignal): Plan => ({ work, more: morePorts[length], signal, tell });
  let made: Awaited<ReturnType<typeof recordMade>> | undefined;
  const ours = async (signal: AbortSignal): Promise<Run> => {
    await using world = await startWorld({ work, signal, underlay: true });
    const { folder, hypervisors } = world;
    const onConverged = async (): Promise<void> => void (made ??= await recordMade(hypervisors));
    return await runOurs({ folder, hypervisors, plan: planOf(signal), profiles: profile, onConverged });
  };
  const ovn: Parameters[string] = missingOvn === undefined ? await ovnVersion() : `not installed: no ${missingOvn}`;
  return {
    params: { ...paramsOf(work), ovn },
    ours,
    ...(missingOvn === undefined ? { peer: (signal) => runOvn(planOf(signal)) } : {}),
    floor: (signal) => runFloor(made ?? [], planOf(signal)),
    async [Symbol.asyncDispose]() {},
  };
}

async function runOvn(plan: Plan): Promise<Run> {
  await using stack = new AsyncDisposableStack();
  const { work, signal } = plan;
  const ovn = stack.use(await Ovn.start(await makeFolder(stack), work));
  const settings = (hypervisor: number): readonly string[] => ovnSettings(ovn.southboundPort, hypervisor);
  const world = stack.use(await startWorld({ work, signal, settings, underlay: false }));
  // Before the hypervisors: ends before they do.
  stack.defer(() => ovn.crash());
  stack.use(crashOnAbort(ovn, signal));
  await ovn.attach(world);
  const { figures, params = {} } = await runSide(ovn, plan);
  return { figures: { ...figures, flows: ovn.flows / work.hypervisors }, params };
}

function onPlayedHypervisors(work: Work, { profile }: FabricChoices): Benchmark {
  const isGoal = work.name === "scale";
  const limit = (unit: string, goal: number): Metric => ({ unit, better: "lower", ...(isGoal ? { goal } : {}) });
  const told = (unit: string): Metric => ({ unit, better: "lower" });
  return {
    bench: "fabric",
    metrics: {
      converge: limit("s", 20),
      "converge-cpu": told("s"),
      memory: told("MB"),
      "memory-peak": limit("MB", 1024),
      flows: told("flows/hypervisor"),
      "openflow-bytes": told("MB"),
      "one-more-port": limit("ms", 50),
      "one-more-port-p95": told("ms"),
      "one-more-port-cpu": told("ms"),
      restart: told("s"),
      "restart-cpu": told("s"),
      "restart-flow-mods": { unit: "flow mods", better: "lower", goal: 0 },
      "cpu-per-flow": told("µs"),
      growth: { unit: "times the cpu-per-flow of a quarter", better: "lower", goal: 1.25 },
    },
    runs: 1,
    prepare: (length) => Promise.resolve(playedRig(shortened(work, length), length, profile)),
  };
}

function playedRig(work: Work, length: Length, profile: string | undefined): Rig {
  const runOne = async (one: Work, signal: AbortSignal, profiles?: string): Promise<Run> => {
    await using world = await startFakeWorld(one.hypervisors);
    const plan = { work: one, more: morePorts[length], signal, tell };
    const run = await runOurs({ ...world, plan, profiles });
    return { ...run, params: { ...run.params, played_cpu_s: world.cpuS() } };
  };
  return {
    params: { ...paramsOf(work), hypervisors_are: "played" },
    ours: async (signal) => {
      const small = await runOne(quarterOf(work), signal);
      const whole = await runOne(work, signal, profile);
      const each = [whole, small].map(({ figures }) => figures["cpu-per-flow"] ?? Number.NaN);
      return { ...whole, figures: { ...whole.figures, growth: (each[0] ?? Number.NaN) / (each[1] ?? Number.NaN) } };
    },
    async [Symbol.asyncDispose]() {},
  };
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

function paramsOf({ name, hypervisors, ports, networks, spread }: Work): Parameters {
  return { work: name, hypervisors, ports, networks, spread };
}
