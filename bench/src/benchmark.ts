/**
 * What a benchmark declares. A benchmark prepares a rig (daemons, data), and on it runs our side and the peer's side in
 * turn; what both do is the same work on the same server. One run may give several figures, each a metric of its own.
 */

/** A full run is what goals are meant for; a short one is smaller, and shows that everything works. */
export type Length = "full" | "short";

export interface Metric {
  /** Such as `s`, `MB`, `transactions/s`. */
  readonly unit: string;
  readonly better: "lower" | "higher";
  /** Of a metric with a peer the least ratio, of one without the limit of the value; undefined: it is only told. */
  readonly goal?: number;
  /** Where there is a floor: a value that is no worse than so many times the floor meets the goal in any case. */
  readonly timesFloor?: number;
}

/** What a figure depends on: sizes, versions, settings. */
export type Parameters = Readonly<Record<string, string | number | boolean>>;

/** One run of one side: its figures by metric, and what is known of it only now. */
export interface Run {
  readonly figures: Readonly<Record<string, number>>;
  readonly params?: Parameters;
}

/** What stands ready for the runs of a benchmark; disposing of it leaves nothing behind. */
export interface Rig extends AsyncDisposable {
  readonly params: Parameters;
  /** One that takes longer than a few seconds rejects when the signal aborts, and then nothing of it goes on. */
  ours(signal: AbortSignal): Promise<Run>;
  peer?(signal: AbortSignal): Promise<Run>;
  /** The work without anybody who computes it: what the servers themselves allow. Runs last. */
  floor?(signal: AbortSignal): Promise<Run>;
}

export interface Benchmark {
  /** What is named on the command line: `ovsdb`. */
  readonly bench: string;
  /** Each has one line in the output. */
  readonly metrics: Readonly<Record<string, Metric>>;
  /** Whom our side is compared with. */
  readonly peer?: string;
  /** How often each side runs in the full form unless the command line says otherwise. */
  readonly runs: number;
  prepare(length: Length): Promise<Rig>;
}
