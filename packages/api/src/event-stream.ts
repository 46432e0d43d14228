import type { Clock } from "@loomstack/core";
import { type Event, firstEventId, listEvents, type Store } from "@loomstack/model";

/** How many events are read, and sent, at a time. */
const batch = 50;
/** A comment is sent when there is nothing else to say, so that both ends notice when the other one is gone. */
const heartbeatMs = 15_000;
/** Who takes nothing for so long is cut. */
const stallMs = 60_000;

export interface EventStreamOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** The id of the last event that the reader has. */
  readonly after: number;
  /** Aborted when the reader has gone. */
  readonly gone: AbortSignal;
  /** Cuts the connection of a reader that takes nothing. */
  readonly cut: () => void;
}

/**
 * Recorded events as server-sent events (WHATWG HTML, 9.2), from the one after `after` on, and each new revision of
 * intent. Nothing waits for a reader but a note that there is something new: what it has to be sent is read from the
 * store when it has taken what it was sent before. That the store has forgotten some by then is told.
 */
export async function* eventStream({ store, clock, after, gone, cut }: EventStreamOptions): AsyncGenerator<string> {
  using news = new News(store, clock, gone);
  let cursor = after;
  let revision = store.revision();
  yield* takenInTime("retry: 2000\n\n", clock, cut);
  while (!gone.aborted) {
    news.take();
    const events = await listEvents(store.db, { since: cursor, limit: batch });
    const current = store.revision();
    const first = cursor === 0 ? 0 : await firstEventId(store.db);
    let text = first > cursor + 1 ? missedText(first) : "";
    text += events.map(eventText).join("");
    if (current !== revision) text += `event: revision\ndata: ${JSON.stringify({ intent: current })}\n\n`;
    cursor = events.at(-1)?.id ?? cursor;
    revision = current;
    if (text !== "") yield* takenInTime(text, clock, cut);
    else if (!(await news.comes(heartbeatMs))) yield* takenInTime(":\n\n", clock, cut);
  }
}

function* takenInTime(text: string, clock: Clock, cut: () => void): Generator<string> {
  using _ = clock.after(stallMs, cut);
  yield text;
}

function eventText(event: Event): string {
  return `id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** How many these were nobody knows: ids have gaps. */
function missedText(before: number): string {
  return `event: missed\ndata: ${JSON.stringify({ before })}\n\n`;
}

/** Whether there is something new since somebody looked last. */
class News implements Disposable {
  readonly #clock: Clock;
  readonly #watches = new DisposableStack();
  #isThere = false;
  #wake: (() => void) | undefined;

  constructor(store: Store, clock: Clock, gone: AbortSignal) {
    this.#clock = clock;
    const tell = (): void => {
      this.#isThere = true;
      this.#wake?.();
    };
    this.#watches.use(store.events.add(tell));
    this.#watches.use(store.commits.add(tell));
    gone.addEventListener("abort", tell, { once: true });
    this.#watches.defer(() => gone.removeEventListener("abort", tell));
  }

  take(): void {
    this.#isThere = false;
  }

  /** Gives false where nothing has come in `limitMs`. */
  async comes(limitMs: number): Promise<boolean> {
    if (this.#isThere) return true;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#wake = () => resolve(undefined);
    using _ = this.#clock.after(limitMs, this.#wake);
    await promise;
    this.#wake = undefined;
    return this.#isThere;
  }

  [Symbol.dispose](): void {
    this.#watches.dispose();
  }
}
