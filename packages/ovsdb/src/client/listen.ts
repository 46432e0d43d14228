import { once } from "node:events";
import { rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { LoomstackError, messageOf, type TlsIdentity } from "@loomstack/core";
import type { OvsdbClient } from "./client.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { parsePassiveRemote, type PassiveRemote } from "./passive-remote.ts";
import { readIdentity } from "./socket.ts";

export interface ListenOvsdbOptions extends ConnectionOptions {
  /** `ptcp:[<port>][:<address>]`, `pssl:[<port>][:<address>]`, `punix:<path>` */
  readonly remote: string;
  /** For `pssl:`. Who dials in is let in with a certificate that its `ca` has signed, and not otherwise. */
  readonly tls?: TlsIdentity;
  /** How many servers may be connected, TLS handshakes included; more are turned away. Default: 1,000. */
  readonly maxClients?: number;
  /** Default: 10,000. */
  readonly handshakeTimeLimitMs?: number;
  /**
   * Told of each server that has dialled in, with a client on that connection. It may dispose of it, and listens to
   * `closed` to see it go. When it throws, the connection is closed.
   */
  readonly onClient: (client: OvsdbClient) => void;
}

export interface OvsdbListener extends AsyncDisposable {
  /** Where it listens, with the port that the system has chosen: `ptcp:6640:127.0.0.1`. */
  readonly remote: string;
  /** Undefined for `punix:`. */
  readonly port: number | undefined;
  /** How many servers are connected. */
  readonly clientCount: number;
  /** Listens no more, and closes the clients. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Listens for OVSDB servers that dial in, as one does after `ovs-vsctl set-manager tcp:…`.
 *
 * @throws OVSDB__INVALID_PASSIVE_REMOTE, OVSDB__TLS_REQUIRED, OVSDB__INVALID_TLS, OVSDB__LISTEN_FAILED
 * @example await using listener = await listenOvsdb({ remote: "ptcp:6640:10.9.0.254", clock, logger, onClient });
 */
export async function listenOvsdb(options: ListenOvsdbOptions): Promise<OvsdbListener> {
  const { remote, maxClients = 1_000, logger } = options;
  const parsed = parsePassiveRemote(remote);
  const clients = new Set<Connection>();
  const sockets = new Set<Socket>();
  const server = createPassiveServer(parsed, options, (socket) => accept(socket, parsed, options, clients));
  server.maxConnections = maxClients;
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.once("drop", () => {
    logger.warn({ remote, maxClients }, "too many OVSDB servers dial in; this and later ones were turned away");
  });
  const port = await bind(server, parsed, remote);
  // What an open listener reports later (no file descriptors) concerns the one that dials in: it sees no answer.
  server.on("error", (error) => logger.warn({ remote, reason: error.message }, "an OVSDB server couldn't be let in"));

  return {
    remote: port === undefined || parsed.kind === "punix" ? remote : `${parsed.kind}:${port}:${hostText(parsed.host)}`,
    port,
    get clientCount() {
      return clients.size;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      await Promise.all(Array.from(clients, (client) => client[Symbol.asyncDispose]()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function createPassiveServer(
  parsed: PassiveRemote,
  { remote, tls, handshakeTimeLimitMs: handshakeTimeout = 10_000, logger }: ListenOvsdbOptions,
  onSocket: (socket: Socket) => void,
): Server {
  if (parsed.kind !== "pssl") return createServer({ noDelay: true }, onSocket);
  if (tls === undefined) throw new LoomstackError("OVSDB__TLS_REQUIRED", { remote });
  readIdentity(tls, remote);
  const traits = { minVersion: "TLSv1.2", requestCert: true, rejectUnauthorized: true, noDelay: true } as const;
  return createTlsServer({ ...tls, ...traits, handshakeTimeout }, onSocket).on("tlsClientError", (error, socket) => {
    logger.debug({ remote, peer: socket.remoteAddress, reason: error.message }, "a TLS handshake failed");
    socket.destroy();
  });
}

function accept(socket: Socket, parsed: PassiveRemote, options: ListenOvsdbOptions, clients: Set<Connection>): void {
  const peer = peerOf(socket, parsed);
  const client = new Connection(socket, { ...options, remote: peer });
  clients.add(client);
  void client.closed.then(() => clients.delete(client));
  try {
    options.onClient(client);
  } catch (error) {
    options.logger.error({ remote: peer, error: messageOf(error) }, "nobody takes the OVSDB server that dialled in");
    void client[Symbol.asyncDispose]();
  }
}

/** Who has dialled in, in the words of a remote; the port is the one that it dials from. */
function peerOf({ remoteAddress = "", remotePort = 0 }: Socket, parsed: PassiveRemote): string {
  if (parsed.kind === "punix") return `unix:${parsed.path}`;
  return `${parsed.kind.slice(1)}:${hostText(remoteAddress)}:${remotePort}`;
}

function hostText(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** @throws OVSDB__LISTEN_FAILED */
async function bind(server: Server, parsed: PassiveRemote, remote: string): Promise<number | undefined> {
  try {
    await tryToBind(server, parsed).catch(async (error: unknown) => {
      // A process that was killed leaves its socket file behind, and nobody else takes it away.
      if (parsed.kind !== "punix" || codeOf(error) !== "EADDRINUSE" || (await isAnswered(parsed.path))) throw error;
      await rm(parsed.path, { force: true });
      await tryToBind(server, parsed);
    });
  } catch (cause) {
    throw new LoomstackError("OVSDB__LISTEN_FAILED", { remote, reason: messageOf(cause) }, { cause });
  }
  const bound = server.address();
  return typeof bound === "object" && bound !== null ? bound.port : undefined;
}

async function tryToBind(server: Server, parsed: PassiveRemote): Promise<void> {
  server.listen(parsed.kind === "punix" ? { path: parsed.path } : parsed);
  await once(server, "listening");
}

/** Whether a process listens at a unix socket, or may do so. */
async function isAnswered(path: string): Promise<boolean> {
  const socket = connect({ path });
  try {
    await once(socket, "connect");
    return true;
  } catch (error) {
    return codeOf(error) !== "ECONNREFUSED";
  } finally {
    socket.destroy();
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
