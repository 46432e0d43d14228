import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to a port of this machine, for one TCP connection: later ones are refused. */
export interface Way extends AsyncDisposable {
  readonly port: number;
  /** Lets nothing through from now on, and keeps the connection open, as when a machine loses power. */
  silence(): void;
}

export interface WayOptions {
  /** The address that the other end sees; default: 127.0.0.1. */
  readonly from?: string;
}

/** Whatever is reached by it was reached on the first connection, and from this address. */
export async function openWay(to: number, { from = "127.0.0.1" }: WayOptions = {}): Promise<Way> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    server.close();
    const upstream = connect({ port: to, host: "127.0.0.1", localAddress: from, noDelay: true });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => other.destroy());
      socket.pipe(other);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    silence: () => sockets.forEach((socket) => socket.unpipe().pause()),
    [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      return Promise.resolve();
    },
  };
}
