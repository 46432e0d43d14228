/**
 * A door from the outer network namespace into the lab. The launcher opens a listening socket outside and hands it
 * through the IPC channel; connections are then accepted inside and joined to a server of the lab.
 */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, Server, type Socket } from "node:net";
import { pipeline } from "node:stream";
import { LoomstackError, messageOf } from "@loomstack/core";
import { insideLab } from "./world.ts";

/** A port of 127.0.0.1 outside of the lab that leads into it. Disposing it closes the port and its connections. */
export interface ExposedPort extends AsyncDisposable {
  readonly port: number;
}

type ListenRequest = { readonly loomstack: "listen"; readonly id: number; readonly port: number };
type ListenReply = {
  readonly loomstack: "listening";
  readonly id: number;
  readonly port: number;
  readonly problem?: string;
};

let lastId = 0;

/**
 * Inside the lab: makes 127.0.0.1:`outerPort` outside lead to `innerHost`:`innerPort`.
 *
 * @param outerPort 0 for any that is free
 * @throws LAB__NOT_INSIDE, or LAB__PORT_REFUSED such as when the port is taken
 */
export async function exposeTcp(outerPort: number, innerHost: string, innerPort: number): Promise<ExposedPort> {
  if (!insideLab() || process.send === undefined) throw new LoomstackError("LAB__NOT_INSIDE", { what: "exposeTcp" });
  const { server, port } = await requestListening(outerPort);
  const sockets = new Set<Socket>();
  server.on("connection", (outer: Socket) => {
    const inner = connect({ host: innerHost, port: innerPort, allowHalfOpen: true });
    for (const socket of [outer, inner]) {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    }
    // Either side's failure ends the pair: the client outside sees its connection close.
    pipeline(outer, inner, () => {});
    pipeline(inner, outer, () => {});
  });
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function requestListening(outerPort: number): Promise<{ server: Server; port: number }> {
  lastId += 1;
  const id = lastId;
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown, handle: unknown): void => {
      if (!isReply(message) || message.id !== id) return;
      process.off("message", onMessage);
      process.channel?.unref();
      if (handle instanceof Server) resolve({ server: handle, port: message.port });
      else
        reject(
          new LoomstackError("LAB__PORT_REFUSED", { port: outerPort, reason: message.problem ?? "no socket came" }),
        );
    };
    process.on("message", onMessage);
    process.channel?.ref();
    const request: ListenRequest = { loomstack: "listen", id, port: outerPort };
    process.send?.(request);
  });
}

/** Outside: opens the ports that the script in the lab asks for. */
export function serveListenRequests(child: ChildProcess): Disposable {
  const onMessage = (message: unknown): void => {
    if (isRequest(message)) openPort(child, message);
  };
  child.on("message", onMessage);
  return { [Symbol.dispose]: () => void child.off("message", onMessage) };
}

function openPort(child: ChildProcess, request: ListenRequest): void {
  const reply: ListenReply = { loomstack: "listening", id: request.id, port: request.port };
  const server = createServer();
  server.once("error", (error) => {
    if (child.connected) child.send({ ...reply, problem: messageOf(error) });
  });
  server.listen(request.port, "127.0.0.1", () => {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : request.port;
    // The lab's own copy of the socket lives on; this one would take connections away from it.
    if (child.connected) child.send({ ...reply, port }, server, () => server.close());
    else server.close();
  });
}

function isRequest(message: unknown): message is ListenRequest {
  return typeof message === "object" && message !== null && "loomstack" in message && message.loomstack === "listen";
}

function isReply(message: unknown): message is ListenReply {
  return typeof message === "object" && message !== null && "loomstack" in message && message.loomstack === "listening";
}
