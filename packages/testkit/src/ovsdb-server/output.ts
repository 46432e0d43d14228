import type { Socket } from "node:net";

/** What is sent to one client, in order. */
export class Output {
  readonly #socket: Socket;
  /** What has to wait for the end of a stream. */
  #delayed: (string | Uint8Array)[] | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  write(bytes: string | Uint8Array): void {
    if (this.#delayed === undefined) this.#socket.write(bytes);
    else this.#delayed.push(bytes);
  }

  /** Writes the chunks one by one, each when the client has taken the one before: no more than one is held. */
  stream(chunks: Iterable<string | Uint8Array>): void {
    this.#delayed ??= [];
    void this.#pump(chunks);
  }

  async #pump(chunks: Iterable<string | Uint8Array>): Promise<void> {
    for (const chunk of chunks) {
      if (this.#socket.destroyed) return;
      await new Promise((resolve) => this.#socket.write(chunk, resolve));
    }
    const delayed = this.#delayed ?? [];
    this.#delayed = undefined;
    for (const bytes of delayed) this.write(bytes);
  }
}
