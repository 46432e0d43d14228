import { availableParallelism, loadavg } from "node:os";
import { LoomstackError } from "@loomstack/core";
import type { Benchmark, Parameters, Rig, Run } from "./benchmark.ts";
import { type Result, resultOf } from "./result.ts";

export interface MeasureOptions {
  /** How often each side runs. */
  readonly runs: number;
  readonly signal: AbortSignal;
  /** Told of each run as it ends, for people. */
  readonly onProgress: (text: string) => void;
}

/** Runs both sides in turn, so that a machine that gets slower or faster does so for both, and takes the medians. */
export async function measure(benchmark: Benchmark, rig: Rig, options: MeasureOptions): Promise<readonly Result[]> {
  const ours: Run[] = [];
  const peers: Run[] = [];
  const floors: Run[] = [];
  const others = [
    [rig.peer?.bind(rig), benchmark.peer ?? "peer", peers],
    [rig.floor?.bind(rig), "floor", floors],
  ] as const;
  for (let index = 1; index <= options.runs; index += 1) {
    const tell = (side: string, { figures }: Run): void =>
      options.onProgress(`${benchmark.bench} ${index}/${options.runs} ${side}: ${formatFigures(benchmark, figures)}`);
    options.signal.throwIfAborted();
    const own = await rig.ours(options.signal);
    tell("ours", own);
    ours.push(own);
    for (const [side, name, runs] of others) {
      if (side === undefined) continue;
      options.signal.throwIfAborted();
      const other = await side(options.signal);
      tell(name, other);
      runs.push(other);
    }
  }
  const allParams = [machine(), rig.params, ...[...ours, ...peers, ...floors].map(({ params = {} }) => params)];
  const params: Parameters = Object.fromEntries(allParams.flatMap(Object.entries<Parameters[string]>));
  return Object.entries(benchmark.metrics).map(([name, metric]) => {
    const figures = { bench: benchmark.bench, metric: name, peer: benchmark.peer, params };
    const [own, other, floor] = [ours, peers, floors].map((runs) => figuresOf(runs, name));
    return resultOf(metric, { ...figures, ours: own ?? [], peers: other ?? [], floors: floor ?? [] });
  });
}

/** What else runs on the machine is no part of the figures, but bends them. */
function machine(): Parameters {
  return { processors: availableParallelism(), load_average: Number((loadavg()[0] ?? 0).toFixed(1)) };
}

/** Either all runs of a side have a metric or none has: a peer may have none of a metric that only we are measured by. */
function figuresOf(runs: readonly Run[], metric: string): readonly number[] {
  const found = runs.map(({ figures }) => figures[metric]).filter((figure) => figure !== undefined);
  if (found.length === 0 || found.length === runs.length) return found;
  throw new LoomstackError("CORE__UNREACHABLE", { what: `some runs have no ${metric}` });
}

function formatFigures({ metrics }: Benchmark, figures: Run["figures"]): string {
  const parts = Object.entries(metrics).flatMap(([name, { unit }]) => {
    const figure = figures[name];
    return figure === undefined ? [] : [`${name} ${Number(figure.toPrecision(4))} ${unit}`];
  });
  return parts.join(", ");
}
