import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** What lets one TCP connection through to a port, and refuses all later ones. */
export interface OneConnection extends AsyncDisposable {
  readonly port: number;
}

/** So that what is reached through it was reached on its first connection. */
export async function letOneConnectionThrough(to: number): Promise<OneConnection> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    server.close();
    const upstream = connect({ port: to, host: "127.0.0.1", noDelay: true });
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
    [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      return Promise.resolve();
    },
  };
}
