import { connect, createServer, type Socket } from "node:net";
import { parseRemote } from "@loomstack/ovsdb";

/** Stands between clients and a server, counts what the server says, and can cut the connections. */
export interface Relay extends AsyncDisposable {
  /** Where clients connect. */
  readonly remote: string;
  /** How many bytes have come from the server. */
  readonly bytesFromServer: number;
  /** Breaks all connections; new ones are relayed again. */
  cut(): void;
  /** Does something while there is no way through: connections are broken, and so are new ones until it is done. */
  whileCut(work: () => Promise<void>): Promise<void>;
}

/** Starts a relay before a server at `tcp:…` or `unix:…`. */
export async function startRelay(server: string): Promise<Relay> {
  const sockets = new Set<Socket>();
  let bytesFromServer = 0;
  let isCut = false;
  const parsed = parseRemote(server);
  const keep = (socket: Socket, other: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => other.destroy());
    socket.on("close", () => {
      sockets.delete(socket);
      other.destroy();
    });
  };
  // As ovsdb-server does: without it each small message after another would wait for 40 ms.
  const listener = createServer({ noDelay: true }, (client) => {
    if (isCut) return void client.destroy();
    const upstream = parsed.kind === "unix" ? connect({ path: parsed.path }) : connect(parsed);
    keep(client, upstream);
    keep(upstream, client);
    upstream.on("data", (chunk: Buffer) => (bytesFromServer += chunk.length));
    client.pipe(upstream);
    upstream.pipe(client);
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    remote: `tcp:127.0.0.1:${port}`,
    get bytesFromServer() {
      return bytesFromServer;
    },
    cut,
    async whileCut(work) {
      isCut = true;
      cut();
      await work();
      isCut = false;
    },
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}
