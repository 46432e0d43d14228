import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { type Clock, type Logger, LoomstackError, messageOf, type TlsIdentity } from "@loomstack/core";
import { type ConnectionLimits, defaultLimits } from "./limits.ts";
import type { OpenFlowVersion } from "../version/version.ts";
import type { SwitchConnection } from "./switch-connection.ts";
import { SwitchSocket } from "./switch-socket.ts";
import { serverOptions } from "./switch-tls.ts";

export interface ListenOptions {
  readonly host: string;
  /** 0 for any free one. OpenFlow's own is 6653. */
  readonly port: number;
  /** For TLS alone: switches must have a certificate that its `ca` has signed. */
  readonly tls?: TlsIdentity | undefined;
  /**
   * Those that we are willing to speak; of those that a switch speaks as well, it is the highest. Default: 1.3 alone, in
   * which everything can be said.
   */
  readonly versions?: readonly OpenFlowVersion[] | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Connections at a time; more are closed at once. */
  readonly mostConnections?: number | undefined;
  readonly limits?: Partial<ConnectionLimits> | undefined;
  /**
   * A switch has connected and completed the handshake. Must not throw. Listeners that are added to the connection
   * before this returns miss nothing.
   */
  readonly onSwitch: (connection: SwitchConnection) => void;
}

/** Disposing closes all its connections. */
export interface SwitchListener extends AsyncDisposable {
  readonly port: number;
}

/** Waits for switches to connect. @throws OPENFLOW__LISTEN_FAILED */
export async function listenForSwitches(options: ListenOptions): Promise<SwitchListener> {
  const { host, port, logger } = options;
  const open = new Set<SwitchSocket>();
  const accept = (socket: Socket): void => accepted(socket, options, open);
  const unauthenticated = new Map<string, Socket>();
  const server =
    options.tls === undefined ? createTcpServer(accept) : tlsServer(options.tls, { accept, logger, unauthenticated });
  server.maxConnections = options.mostConnections ?? 10_000;
  await listening(server, host, port);
  // Later errors concern single accepts, such as too many open files; the server goes on.
  server.on("error", (error) => logger.warn({ host, port, reason: error.message }, "a switch could not be accepted"));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of open) connection.close("we stop listening");
      // Whoever proves who it is only now would be accepted, and stay.
      for (const socket of unauthenticated.values()) socket.destroy();
      await closed;
    },
  };
}

function accepted(socket: Socket, options: ListenOptions, open: Set<SwitchSocket>): void {
  const { clock, logger, limits, onSwitch, versions = ["1.3"] } = options;
  const connection = new SwitchSocket(socket, {
    name: nameOf(socket),
    versions,
    clock,
    logger,
    limits: { ...defaultLimits, ...limits },
    onLive: onSwitch,
  });
  open.add(connection);
  void connection.closed.then((error) => {
    open.delete(connection);
    if (error !== undefined)
      logger.info(
        { remote: connection.remoteAddress, reason: error.message, code: error.code },
        "the connection to a switch is over",
      );
  });
}

function nameOf({ remoteAddress = "?", remotePort = 0 }: Socket): string {
  return `${remoteAddress}:${remotePort}`;
}

interface TlsServerOptions {
  readonly accept: (socket: Socket) => void;
  readonly logger: Logger;
  /** Kept here: the connections whose other end hasn't proved yet who it is. */
  readonly unauthenticated: Map<string, Socket>;
}

function tlsServer(tls: TlsIdentity, { accept, logger, unauthenticated }: TlsServerOptions): Server {
  const server = createTlsServer(serverOptions(tls), (socket) => {
    unauthenticated.delete(nameOf(socket));
    accept(socket);
  });
  server.on("connection", (raw: Socket) => {
    const name = nameOf(raw);
    unauthenticated.set(name, raw);
    raw.on("close", () => unauthenticated.get(name) === raw && unauthenticated.delete(name));
  });
  server.on("tlsClientError", (error, socket) => {
    logger.info({ remote: socket.remoteAddress, reason: error.message }, "a switch failed to authenticate");
  });
  return server;
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void =>
      reject(new LoomstackError("OPENFLOW__LISTEN_FAILED", { host, port, reason: messageOf(error) }));
    server.once("error", failed);
    server.listen(port, host, () => {
      server.off("error", failed);
      resolve();
    });
  });
}
