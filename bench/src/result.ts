/** From the figures of runs to the line that is printed. Pure. */
import type { Metric, Parameters } from "./benchmark.ts";

/** A line of the output; its members are in the order in which they are printed. */
export interface Result {
  readonly bench: string;
  readonly metric: string;
  readonly unit: string;
  /** The median of our runs. */
  readonly value: number;
  readonly peer: string | null;
  readonly peer_value: number | null;
  /** How many times better than the peer, whichever way is better. */
  readonly ratio: number | null;
  /** The median of what the servers themselves need, where that is known. */
  readonly floor?: number;
  readonly goal: number | null;
  readonly met: boolean | null;
  /** How often each side ran. */
  readonly n: number;
  readonly params: Parameters;
}

/** The figures of one metric. */
export interface Figures {
  readonly bench: string;
  readonly metric: string;
  /** In the order of the runs; at least one. */
  readonly ours: readonly number[];
  /** Empty: there is no peer. */
  readonly peers: readonly number[];
  /** Default: nothing is known of the floor. */
  readonly floors?: readonly number[];
  readonly peer: string | undefined;
  readonly params: Parameters;
}

export function resultOf(metric: Metric, figures: Figures): Result {
  const { unit, better, goal } = metric;
  const value = median(figures.ours);
  const peer = figures.peers.length === 0 ? null : (figures.peer ?? null);
  const peerValue = peer === null ? null : median(figures.peers);
  const ratio = peerValue === null ? null : ratioOf(better, value, peerValue);
  const { floors = [] } = figures;
  const floor = floors.length === 0 ? undefined : median(floors);
  return {
    bench: figures.bench,
    metric: figures.metric,
    unit,
    value: round(value),
    peer,
    peer_value: peerValue === null ? null : round(peerValue),
    ratio: ratio === null ? null : round(ratio),
    ...(floor === undefined ? {} : { floor: round(floor) }),
    goal: goal ?? null,
    met: goal === undefined ? null : isMet(better, goal, value, ratio) || isNearFloor(metric, value, floor),
    n: figures.ours.length,
    params: figures.params,
  };
}

/** One line of JSON, without its end. */
export function formatResult(result: Result): string {
  return JSON.stringify(result);
}

/** How many times better `value` is than `peerValue`. */
export function ratioOf(better: Metric["better"], value: number, peerValue: number): number {
  return better === "lower" ? peerValue / value : value / peerValue;
}

/** The middle one; of an even number the mean of the two in the middle. Of none it is NaN. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  const lower = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** To four significant digits: no measurement here is good for more. */
export function round(figure: number): number {
  return Number(figure.toPrecision(4));
}

function isNearFloor({ better, timesFloor }: Metric, value: number, floor: number | undefined): boolean {
  if (timesFloor === undefined || floor === undefined) return false;
  return ratioOf(better, value, floor) * timesFloor >= 1;
}

function isMet(better: Metric["better"], goal: number, value: number, ratio: number | null): boolean {
  if (ratio !== null) return ratio >= goal;
  return better === "lower" ? value <= goal : value >= goal;
}
