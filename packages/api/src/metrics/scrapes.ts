import { type Clock, LoomstackError } from "@loomstack/core";
import { formatFamily } from "./exposition.ts";
import { families } from "./families.ts";
import { processMetrics } from "./process-metrics.ts";
import type { Readings } from "./readings.ts";

/** Answers that may be on their way at once, and how long one may take to be read. */
const mostUnderWay = 16;
const readingLimitMs = 30_000;
/** For so long an answer counts as current: whoever asks in that time gets the same bytes. */
const freshMs = 1_000;

/** The metrics as one text. */
export async function formatMetrics(readings: Readings): Promise<string> {
  const ours = families.map((family) => formatFamily(family, family.read(readings)));
  return ours.join("") + (await processMetrics());
}

/** The other end of an answer. */
export interface ScrapeReader {
  /** `finish`: all of the answer has left this process. `close`: the connection is over, with or without that. */
  once(event: "finish" | "close", listener: () => void): unknown;
  destroy(): unknown;
}

/**
 * Metrics for whoever asks. However many ask, and however slowly they read, memory holds a bounded number of answers:
 * those who ask at the same time share one, and only so many are under way at once.
 */
export class Scrapes {
  readonly #clock: Clock;
  readonly #read: () => Promise<Readings>;
  #underWay = 0;
  #last: { readonly atMs: number; readonly text: Promise<Buffer> } | undefined;

  constructor(clock: Clock, read: () => Promise<Readings>) {
    this.#clock = clock;
    this.#read = read;
  }

  /** @throws NORTHBOUND__BUSY while too many answers are under way */
  async answer(reader: ScrapeReader): Promise<Buffer> {
    if (this.#underWay >= mostUnderWay)
      throw new LoomstackError("NORTHBOUND__BUSY", { what: "answers with metrics", limit: mostUnderWay });
    const underWay = new DisposableStack();
    this.#underWay += 1;
    underWay.defer(() => (this.#underWay -= 1));
    underWay.use(this.#clock.after(readingLimitMs, () => reader.destroy()));
    for (const event of ["finish", "close"] as const) reader.once(event, () => underWay.dispose());
    try {
      return await this.#text();
    } catch (error) {
      underWay.dispose();
      throw error;
    }
  }

  async #text(): Promise<Buffer> {
    const nowMs = this.#clock.now();
    if (this.#last === undefined || nowMs - this.#last.atMs >= freshMs || nowMs < this.#last.atMs)
      this.#last = { atMs: nowMs, text: this.#format() };
    return this.#last.text;
  }

  async #format(): Promise<Buffer> {
    return Buffer.from(await formatMetrics(await this.#read()));
  }
}
