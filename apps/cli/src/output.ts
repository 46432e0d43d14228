import type { Writable } from "node:stream";
import { LoomstackError, messageOf } from "@loomstack/core";

/** What waits for a reader that is slower than a monitored database. */
export const maxWaitingBytes = 64 * 1024 * 1024;

export interface OutputStream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Standard output. A reader that has gone (`| head`) ends the command, as SIGPIPE does elsewhere. */
export class Output {
  readonly #stream: OutputStream;
  readonly #stop: (reason: LoomstackError) => void;
  #failure: LoomstackError | undefined;

  constructor(stream: OutputStream, stop: (reason: LoomstackError) => void) {
    this.#stream = stream;
    this.#stop = stop;
    stream.on("error", (error) => this.#fail(failureOf(error)));
  }

  get isTty(): boolean {
    return this.#stream.isTTY === true;
  }

  /** How many characters fit on a line of the terminal; undefined when it isn't one. */
  get columns(): number | undefined {
    return this.isTty ? this.#stream.columns : undefined;
  }

  /** Resolves when the text or the bytes are out. @throws CLI__OUTPUT_CLOSED, CLI__OUTPUT_FAILED */
  async write(text: string | Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.#stream.write(text, (error) => {
      if (error) reject(failureOf(error));
      else resolve(undefined);
    });
    await promise;
  }

  /** For events, which can't wait: queues the text. When the reader falls too far behind, the command is ended. */
  send(text: string): void {
    if (this.#failure !== undefined) return;
    this.#stream.write(text);
    if (this.#stream.writableLength > maxWaitingBytes) {
      this.#fail(new LoomstackError("CLI__OUTPUT_EXCEEDED", { limitBytes: maxWaitingBytes }));
      this.#stream.destroy();
    }
  }

  #fail(failure: LoomstackError): void {
    this.#failure ??= failure;
    this.#stop(this.#failure);
  }
}

function failureOf(error: Error): LoomstackError {
  if ("code" in error && error.code === "EPIPE") return new LoomstackError("CLI__OUTPUT_CLOSED");
  return new LoomstackError("CLI__OUTPUT_FAILED", { reason: messageOf(error) });
}
