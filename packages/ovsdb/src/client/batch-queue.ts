import type { LoomstackError } from "@loomstack/core";

/**
 * Batches of events on their way to the one who iterates over them. More than one batch beyond the limit are never kept.
 */
export class BatchQueue<Batch> {
  readonly #sizeLimit: number;
  readonly #waiting: { readonly batch: Batch; readonly size: number }[] = [];
  #size = 0;
  #news = Promise.withResolvers<undefined>();
  #isEnded = false;
  #error: LoomstackError | undefined;

  /** @param sizeLimit how many events may wait before one batch more is too much */
  constructor(sizeLimit: number) {
    this.#sizeLimit = sizeLimit;
  }

  /** @param size how many events count. @returns whether there was room; nothing is added to a queue that has ended */
  add(batch: Batch, size: number): boolean {
    if (this.#isEnded) return true;
    if (this.#size > this.#sizeLimit) return false;
    this.#waiting.push({ batch, size });
    this.#size += size;
    this.#news.resolve(undefined);
    return true;
  }

  /** What waits can still be read; after it comes the error, or the end. */
  end(error?: LoomstackError): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#error = error;
    this.#news.resolve(undefined);
  }

  /** Gives up what waits, too. */
  clear(): void {
    this.#waiting.length = 0;
    this.#size = 0;
    this.end();
  }

  /** @throws what `end` was given */
  async *batches(): AsyncGenerator<Batch, undefined> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) {
        this.#size -= next.size;
        yield next.batch;
      } else if (this.#isEnded) {
        if (this.#error !== undefined) throw this.#error;
        return undefined;
      } else {
        this.#news = Promise.withResolvers();
        await this.#news.promise;
      }
    }
  }
}
