import { connect as connectSocket, type Socket } from "node:net";
import { connect as connectTls, createSecureContext, type SecureContext } from "node:tls";
import { type Clock, LoomstackError, messageOf, type TlsIdentity } from "@loomstack/core";
import { parseRemote, type Remote } from "./remote.ts";

export interface ConnectOptions {
  /** `tcp:10.9.0.1:6640`, `unix:/path/db.sock`, `ssl:10.9.0.1:6640` */
  readonly remote: string;
  readonly tls?: TlsIdentity;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Default: 10,000. */
  readonly connectTimeLimitMs?: number;
}

/**
 * A connected socket, after the TLS handshake if there is one.
 *
 * @throws OVSDB__INVALID_REMOTE, OVSDB__TLS_REQUIRED, OVSDB__INVALID_TLS, OVSDB__CONNECT_FAILED,
 * OVSDB__CONNECT_TIMEOUT, CORE__ABORTED
 */
export async function openSocket({
  remote,
  tls,
  clock,
  signal,
  connectTimeLimitMs: limitMs = 10_000,
}: ConnectOptions): Promise<Socket> {
  const parsed = parseRemote(remote);
  if (parsed.kind === "ssl" && tls === undefined) throw new LoomstackError("OVSDB__TLS_REQUIRED", { remote });
  const aborted = (): LoomstackError =>
    new LoomstackError("CORE__ABORTED", { what: `connecting to ${remote}`, reason: messageOf(signal?.reason) });
  if (signal?.aborted === true) throw aborted();

  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = startSocket(parsed, tls);
  const onAbort = (): void => reject(aborted());
  using _timer = clock.after(limitMs, () => reject(new LoomstackError("OVSDB__CONNECT_TIMEOUT", { remote, limitMs })));
  signal?.addEventListener("abort", onAbort);
  const onError = (error: Error): void =>
    reject(new LoomstackError("OVSDB__CONNECT_FAILED", { remote, reason: reasonOf(error) }, { cause: error }));
  socket.once(parsed.kind === "ssl" ? "secureConnect" : "connect", () => resolve(socket));
  socket.on("error", onError);
  try {
    await promise;
    socket.off("error", onError);
    return socket;
  } catch (error) {
    // The error listener stays: what a socket reports after it was given up concerns nobody.
    socket.destroy();
    throw error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

function startSocket(remote: Remote, tls: TlsIdentity | undefined): Socket {
  if (remote.kind === "unix") return connectSocket({ path: remote.path });
  const { host, port } = remote;
  if (remote.kind === "tcp") return connectSocket({ host, port, noDelay: true });
  // Open vSwitch's own PKI names certificates after switches, not after addresses; as in Open vSwitch, the authority's
  // word is what counts.
  const secureContext = readIdentity(tls, `ssl:${host}:${port}`);
  // Said here, because the default can be changed from outside, by NODE_TLS_REJECT_UNAUTHORIZED.
  const trust = { rejectUnauthorized: true, checkServerIdentity: () => undefined };
  return connectTls({ secureContext, host, port, ...trust }).setNoDelay(true);
}

/** @throws OVSDB__INVALID_TLS */
export function readIdentity(tls: TlsIdentity | undefined, remote: string): SecureContext {
  try {
    return createSecureContext({ ...tls, minVersion: "TLSv1.2" });
  } catch (cause) {
    throw new LoomstackError("OVSDB__INVALID_TLS", { remote, reason: messageOf(cause) }, { cause });
  }
}

/** A name with several addresses fails with one error for each, and no message of its own. */
function reasonOf(error: Error): string {
  return error instanceof AggregateError ? error.errors.map(messageOf).join("; ") : error.message;
}
