/**
 * What both sides have in common: the phases of a run, and what is measured of each. A side says how its control plane
 * is told of the work, when it has realised it, and how it is started anew.
 */
import { messageOf } from "@loomstack/core";
import type { Run } from "../benchmark.ts";
import { median } from "../result.ts";
import { type Hypervisor, plug } from "./hypervisor.ts";
import type { ProcessUsage } from "./process-usage.ts";
import { morePort, portsOf, type Work, type WorkPort } from "./work.ts";

/** A control plane with its hypervisors connected and nothing to do yet. */
export interface Side {
  readonly hypervisors: readonly Hypervisor[];
  /** Of everything that belongs to the control plane, as it runs now. */
  usage(): ProcessUsage;
  /** Tells it of all networks and ports, in as few transactions as it can. */
  load(): Promise<void>;
  /** Resolves when all ports of the work are realised. */
  converged(): Promise<void>;
  /** Tells it of one more port; resolves when that is stored. */
  addPort(port: WorkPort): Promise<void>;
  /** Resolves when that port is realised. */
  portUp(port: WorkPort): Promise<void>;
  /** Ends all of the control plane as a crash would; hypervisors stay as they are. */
  crash(): Promise<void>;
  /** Starts it again; resolves when it has seen that everything is right. */
  recover(): Promise<void>;
  /** Told between phases. */
  phase?(name: Phase): Promise<void>;
}

export type Phase = "converge" | "one-more-port" | "restart" | "end";

export interface Plan {
  readonly work: Work;
  /** How many ports are added one by one. */
  readonly more: number;
  readonly signal: AbortSignal;
  /** Told of each phase as it ends, for people: a large work takes minutes. */
  readonly tell?: (text: string) => void;
}

/** How often ports are added before it counts: code is compiled, caches are filled. */
const warmUpPorts = 5;

/** Takes a control plane down when the signal aborts: whoever waits for it hears of its end. */
export function crashOnAbort(side: Pick<Side, "crash">, signal: AbortSignal): Disposable {
  const crash = (): void => void side.crash();
  signal.addEventListener("abort", crash, { once: true });
  return { [Symbol.dispose]: () => signal.removeEventListener("abort", crash) };
}

/**
 * Takes a side through all phases. Figures are in seconds and MB; those of one more port in milliseconds. A control plane
 * that doesn't come back has NaN for its restart, which meets no goal, and `params` say why.
 */
export async function runSide(side: Side, plan: Plan): Promise<Run> {
  const converge = await measureConvergence(side, plan);
  tellFigures(plan, converge);
  plan.signal.throwIfAborted();
  const onePort = await measureMorePorts(side, plan);
  tellFigures(plan, onePort);
  plan.signal.throwIfAborted();
  const restart = await measureRestart(side, plan);
  return { figures: { ...converge, ...onePort, ...restart.figures }, params: restart.params };
}

async function measureRestart(side: Side, { signal }: Plan): Promise<Required<Run>> {
  await side.phase?.("restart");
  await side.crash();
  const began = performance.now();
  try {
    await side.recover();
    const restart = secondsSince(began);
    // What crashed took its count along: all that was used since is the restart's.
    const figures = { restart, "restart-cpu": side.usage().cpuS };
    await side.phase?.("end");
    return { figures, params: {} };
  } catch (error) {
    if (signal.aborted) throw error;
    return {
      figures: { restart: Number.NaN, "restart-cpu": Number.NaN },
      params: { restart_failed: messageOf(error) },
    };
  }
}

function tellFigures({ work, tell }: Plan, figures: Run["figures"]): void {
  const parts = Object.entries(figures).map(([name, figure]) => `${name} ${Number(figure.toPrecision(4))}`);
  tell?.(`  ${work.name}, ${work.ports} ports each: ${parts.join(", ")}`);
}

async function measureConvergence(side: Side, { work }: Plan): Promise<Run["figures"]> {
  const byHypervisor = Map.groupBy(portsOf(work), ({ hypervisor }) => hypervisor);
  await side.phase?.("converge");
  const before = side.usage();
  const began = performance.now();
  await Promise.all([
    side.load(),
    ...side.hypervisors.map((hypervisor) => plug(hypervisor, byHypervisor.get(hypervisor.index) ?? [])),
  ]);
  await side.converged();
  const converge = secondsSince(began);
  const after = side.usage();
  const figures = { "converge-cpu": after.cpuS - before.cpuS, memory: after.residentMb, "memory-peak": after.peakMb };
  return { converge, ...figures };
}

async function measureMorePorts(side: Side, { work, more, signal }: Plan): Promise<Run["figures"]> {
  await side.phase?.("one-more-port");
  const timesMs: number[] = [];
  let before = side.usage();
  for (let count = 0; count < warmUpPorts + more; count += 1) {
    signal.throwIfAborted();
    if (count === warmUpPorts) before = side.usage();
    const port = morePort(work, count);
    const hypervisor = side.hypervisors[port.hypervisor];
    const began = performance.now();
    await side.addPort(port);
    if (hypervisor !== undefined) await plug(hypervisor, [port]);
    await side.portUp(port);
    if (count >= warmUpPorts) timesMs.push(performance.now() - began);
  }
  const cpuMs = ((side.usage().cpuS - before.cpuS) * 1000) / more;
  return {
    "one-more-port": median(timesMs),
    "one-more-port-p95": percentile(timesMs, 0.95),
    "one-more-port-cpu": cpuMs,
  };
}

/** The least figure that as large a part of them as `part` doesn't exceed. */
export function percentile(figures: readonly number[], part: number): number {
  const sorted = figures.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}

function secondsSince(beganMs: number): number {
  return (performance.now() - beganMs) / 1000;
}
