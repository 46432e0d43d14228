import { isLoomstackError, LoomstackError, silentLogger } from "@loomstack/core";
import { type DatabaseSchema, openOvsdb, type OvsdbClient, type ReconnectingOvsdb } from "@loomstack/ovsdb";
import type { CommandIo } from "../../io.ts";
import { readTlsFiles } from "../connection-options.ts";
import type { ServerOptions } from "./options.ts";

/** As much as fits in one JavaScript string, with room to spare. */
const maxMessageBytes = 400 * 1024 * 1024;

/** The servers that a command works on. */
export interface Server extends AsyncDisposable {
  readonly remotes: readonly string[];
  readonly ovsdb: ReconnectingOvsdb;
}

/**
 * Starts connecting. When `closing` aborts the connection is closed, so that everything that waits for it ends.
 *
 * @param databases what a server has to have
 * @throws OVSDB__TLS_REQUIRED, CLI__FILE_UNREADABLE
 */
export async function openServer(
  io: CommandIo,
  remotes: readonly string[],
  options: ServerOptions,
  databases: readonly string[] = [],
  closing: AbortSignal = io.signal,
): Promise<Server> {
  const tls = await readTlsFiles(options);
  const ovsdb = openOvsdb({
    remotes,
    databases,
    leaderOnly: options.leaderOnly ?? remotes.length > 1,
    clock: io.clock,
    logger: silentLogger,
    random: Math.random,
    limits: { maxMessageBytes },
    ...(tls === undefined ? {} : { tls }),
  });
  const close = (): void => void ovsdb[Symbol.asyncDispose]();
  closing.addEventListener("abort", close);
  if (closing.aborted) close();
  return {
    remotes,
    ovsdb,
    async [Symbol.asyncDispose]() {
      closing.removeEventListener("abort", close);
      await ovsdb[Symbol.asyncDispose]();
    },
  };
}

/**
 * The first connection. Each remote is tried once.
 *
 * @throws why the remote can't be used; CLI__NO_SERVER when there are several
 */
export async function firstClient({ ovsdb, remotes }: Server): Promise<OvsdbClient> {
  const failed = Promise.withResolvers<never>();
  const reasons: LoomstackError[] = [];
  using _listening = ovsdb.connections.add((event) => {
    if (event.kind !== "disconnected") return;
    reasons.push(event.reason);
    if (reasons.length === remotes.length) failed.reject(summary(reasons, event.reason));
  });
  return await Promise.race([ovsdb.connected(), failed.promise]);
}

/** Resolves with what has ended the connection of now, which is also that its server is of no use any more. */
export function endOfConnection({ ovsdb }: Server): Promise<LoomstackError> {
  const { promise, resolve } = Promise.withResolvers<LoomstackError>();
  const listening = ovsdb.connections.add((event) => {
    if (event.kind === "disconnected") resolve(event.reason);
  });
  return promise.finally(() => listening[Symbol.dispose]());
}

/** Tells on standard error when connections are lost and found again, once for each outage. */
export function noteOutages({ ovsdb }: Server, io: CommandIo): Disposable {
  let isOut = false;
  return ovsdb.connections.add((event) => {
    if (event.kind === "connected" && isOut) io.note(`connected to ${event.client.remote}`);
    if (event.kind === "disconnected" && !isOut) io.note(`${event.reason.message}; trying again`);
    isOut = event.kind === "disconnected";
  });
}

/**
 * The schema of a database, from the first server that stays long enough to tell it.
 *
 * @throws as OvsdbClient.getSchema, but for what ends a connection
 */
export async function firstSchema({ ovsdb }: Server, database: string, signal: AbortSignal): Promise<DatabaseSchema> {
  for (;;) {
    const client = await ovsdb.connected(signal);
    try {
      return await client.getSchema(database);
    } catch (error) {
      if (!hasLostConnection(error)) throw error;
      await client.closed;
    }
  }
}

/** @throws why the command shall end */
export async function untilStopped(signal: AbortSignal): Promise<never> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason as Error));
  return await promise;
}

function hasLostConnection(error: unknown): boolean {
  return ["OVSDB__CONNECTION_LOST", "OVSDB__PEER_SILENT", "OVSDB__CLOSED"].some(
    (code) => isLoomstackError(error) && error.code === code,
  );
}

function summary(reasons: readonly LoomstackError[], last: LoomstackError): LoomstackError {
  if (reasons.length === 1) return last;
  return new LoomstackError("CLI__NO_SERVER", { reasons: reasons.map(({ message }) => message).join("; ") });
}
