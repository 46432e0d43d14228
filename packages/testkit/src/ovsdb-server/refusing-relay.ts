import { connect, createServer, type Socket } from "node:net";
import { type JsonObject, MessageFraming, parseRemote, stringifyJson } from "@loomstack/ovsdb";

/** Another way to a server, on which it seems to lack some methods. */
export interface RefusingRelay extends AsyncDisposable {
  /** Where clients connect. */
  readonly remote: string;
  /** Breaks all connections; new ones are relayed again. */
  cut(): void;
}

/**
 * Makes a real server as old as a test needs it: requests for the methods in `refused` are answered as an
 * ovsdb-server answers what it has never heard of, everything else is relayed, message by message.
 *
 * @param server `unix:…` or `tcp:…`
 */
export async function startRefusingRelay(server: string, refused: readonly string[]): Promise<RefusingRelay> {
  const sockets = new Set<Socket>();
  const parsed = parseRemote(server);
  const listener = createServer({ noDelay: true }, (client) => {
    const upstream = parsed.kind === "unix" ? connect({ path: parsed.path }) : connect({ ...parsed, noDelay: true });
    join(client, upstream, sockets, (message) => {
      const isRefused = refused.some((method) => method === message["method"]);
      if (isRefused) client.write(stringifyJson({ id: message["id"] ?? null, result: null, error: "unknown method" }));
      return !isRefused;
    });
    join(upstream, client, sockets, () => true);
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    remote: `tcp:127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

/** Hands on the messages that `passes` lets through, until either side ends. */
function join(from: Socket, to: Socket, sockets: Set<Socket>, passes: (message: JsonObject) => boolean): void {
  const framing = new MessageFraming();
  sockets.add(from);
  from.on("error", () => to.destroy());
  from.on("close", () => {
    sockets.delete(from);
    to.destroySoon();
  });
  from.on("data", (chunk: Buffer) => {
    for (const message of framing.push(chunk)) if (passes(message)) to.write(stringifyJson(message));
  });
}
