import { Readable } from "node:stream";
import { LoomstackError } from "@loomstack/core";
import { lastEventId } from "@loomstack/model";
import type { FastifyReply, FastifyRequest } from "fastify";
import { eventStream } from "./event-stream.ts";
import type { ApiOptions } from "./options.ts";

/** Each reader costs a connection, and the bytes of one batch of events. */
const mostReaders = 128;

/** The readers of the event stream. */
export class EventStreams {
  readonly #options: Pick<ApiOptions, "store" | "clock">;
  #readers = 0;

  constructor(options: Pick<ApiOptions, "store" | "clock">) {
    this.#options = options;
  }

  /** How many there are now. */
  get readers(): number {
    return this.#readers;
  }

  /** Answers with the stream. @throws NORTHBOUND__BUSY, NORTHBOUND__MALFORMED */
  async answer({ headers }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    if (this.#readers >= mostReaders)
      throw new LoomstackError("NORTHBOUND__BUSY", { what: "readers of events", limit: mostReaders });
    const gone = new AbortController();
    this.#readers += 1;
    reply.raw.once("close", () => {
      this.#readers -= 1;
      gone.abort();
    });
    const { store, clock } = this.#options;
    const last = await lastEventId(store.db);
    // An id that is yet to come is another store's: its reader has what there is.
    const after = Math.min(seenOf(headers["last-event-id"]) ?? last, last);
    const cut = (): void => void reply.raw.destroy();
    const stream = eventStream({ store, clock, after, gone: gone.signal, cut });
    return reply
      .header("content-type", "text/event-stream; charset=utf-8")
      .header("cache-control", "no-store")
      .send(Readable.from(stream, { highWaterMark: 1 }));
  }
}

function seenOf(header: string | readonly string[] | undefined): number | undefined {
  if (header === undefined || header === "") return undefined;
  if (typeof header === "string" && /^\d{1,15}$/.test(header)) return Number(header);
  throw new LoomstackError("NORTHBOUND__MALFORMED", { where: "Last-Event-ID", reason: "is no id of an event" });
}
