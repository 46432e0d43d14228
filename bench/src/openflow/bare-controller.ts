import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { LoomstackError } from "@loomstack/core";
import { messageBytes, MessageCutter, messageType } from "./message-bytes.ts";

/** Accepts one switch, sends it bytes, and reads no more of what comes back than it must. */
export class BareController implements AsyncDisposable {
  readonly #server: Server;
  #socket: Socket | undefined;
  #awaited: { readonly xid: number; readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;

  static async listen(): Promise<BareController> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new BareController(server);
  }

  private constructor(server: Server) {
    this.#server = server;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Resolves when a switch has connected. */
  async accept(): Promise<void> {
    const [socket] = (await once(this.#server, "connection")) as [Socket];
    this.#socket = socket;
    socket.setNoDelay(true);
    const cutter = new MessageCutter((bytes, start, end) => this.#receive(bytes, start, end));
    socket.on("data", (chunk: Buffer) => cutter.push(chunk));
    socket.on("close", () => this.#awaited?.reject(failure("the end of the connection")));
    socket.on("error", (error) => this.#awaited?.reject(error));
    socket.write(messageBytes(messageType.hello, 1));
  }

  /** Sends `bytes` as they are; resolves when the switch has answered the request `xid`. */
  async send(bytes: Uint8Array, xid: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.#awaited = { xid, resolve: () => resolve(undefined), reject };
    this.#socket?.write(bytes);
    await promise;
  }

  #receive(bytes: Buffer, start: number, end: number): void {
    const type = bytes[start + 1];
    const xid = bytes.readUInt32BE(start + 4);
    if (type === messageType.echoRequest) {
      this.#socket?.write(messageBytes(messageType.echoReply, xid, bytes.subarray(start + 8, end)));
    } else if (type === messageType.error) this.#awaited?.reject(failure(bytes.toString("hex", start, end)));
    else if (xid === this.#awaited?.xid) this.#awaited.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket?.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}

function failure(seen: string): LoomstackError {
  return new LoomstackError("LAB__EXPECTATION_FAILED", { what: "what the switch says", expected: "its reply", seen });
}
