import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { LoomstackError } from "@loomstack/core";
import { AnswerCounter } from "./answer-counter.ts";

/** Sends bytes and counts what comes back, without reading it. */
export class BareConnection implements Disposable {
  readonly #socket: Socket;

  static async connect(remote: string): Promise<BareConnection> {
    const socket = connect({ path: remote.replace(/^unix:/, "") });
    await once(socket, "connect");
    return new BareConnection(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Keeps `window` requests on their way until all are answered. */
  async replay(requests: readonly Buffer[], window: number): Promise<void> {
    const counter = new AnswerCounter();
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    let sent = 0;
    const send = (): void => {
      const end = Math.min(requests.length, counter.answers + window);
      if (end > sent) this.#socket.write(Buffer.concat(requests.slice(sent, end)));
      sent = end;
    };
    const onData = (chunk: Buffer): void => {
      counter.push(chunk);
      if (counter.answers === requests.length) resolve(undefined);
      else send();
    };
    const onClose = (): void =>
      reject(
        new LoomstackError("LAB__EXPECTATION_FAILED", {
          what: "answers before the end of the connection",
          expected: requests.length,
          seen: counter.answers,
        }),
      );
    this.#socket.on("data", onData).once("close", onClose);
    send();
    await promise;
    this.#socket.off("data", onData).off("close", onClose);
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
