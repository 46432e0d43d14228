import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { messageBytes, MessageCutter, messageType } from "./message-bytes.ts";
import { packetOutBytes } from "./packets.ts";

/** Answers each packet-in with the same packet-out, encoded before, without looking at it: as many in one write as came. */
export class BareAnswers implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  static async listen(): Promise<BareAnswers> {
    const server = createServer({ noDelay: true });
    const answers = new BareAnswers(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return answers;
  }

  private constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket) => this.#serve(socket));
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    const answer = packetOutBytes();
    // More than a chunk can have.
    const answers = Buffer.concat(Array.from({ length: 4096 }, () => answer));
    let packetIns = 0;
    const cutter = new MessageCutter((bytes, start) => {
      const type = bytes[start + 1];
      if (type === messageType.packetIn) packetIns += 1;
      else if (type === messageType.hello) socket.write(messageBytes(messageType.barrierRequest, 2));
    });
    socket.on("data", (chunk) => {
      packetIns = 0;
      cutter.push(chunk);
      if (packetIns > 0) socket.write(answers.subarray(0, packetIns * answer.byteLength));
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
    socket.write(messageBytes(messageType.hello, 1));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}
