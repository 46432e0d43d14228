import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { type Clock, type Logger, LoomstackError, messageOf, type TlsIdentity } from "@loomstack/core";
import type { OpenFlowVersion } from "../version/version.ts";
import { type ConnectionLimits, defaultLimits } from "./limits.ts";
import { parseRemote, type Remote } from "./remote.ts";
import type { SwitchConnection } from "./switch-connection.ts";
import { SwitchSocket } from "./switch-socket.ts";
import { clientOptions } from "./switch-tls.ts";

export interface ConnectOptions {
  /** `tcp:<host>[:<port>]`, `ssl:<host>[:<port>]` or `unix:<path>`, such as `unix:/var/run/openvswitch/br0.mgmt`. */
  readonly remote: string;
  /** Needed for `ssl:`. */
  readonly tls?: TlsIdentity | undefined;
  /** Those that we are willing to speak. Default: 1.3 alone. */
  readonly versions?: readonly OpenFlowVersion[] | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits?: Partial<ConnectionLimits> | undefined;
  /** Gives up what isn't connected yet; has no effect on a connection that is. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Connects to a switch that listens (ptcp:, pssl:, punix:), as ovs-ofctl does, and completes the handshake. The
 * connection isn't opened again when it ends: whoever wants it calls this again, once `closed` has resolved.
 *
 * @throws OPENFLOW__INVALID_REMOTE, OPENFLOW__CONNECT_FAILED, and what ends a handshake: OPENFLOW__UNSUPPORTED_VERSION,
 *   OPENFLOW__HANDSHAKE_TIMEOUT, OPENFLOW__UNEXPECTED_MESSAGE, OPENFLOW__MALFORMED_MESSAGE, OPENFLOW__CONNECTION_CLOSED
 */
export async function connectToSwitch(options: ConnectOptions): Promise<SwitchConnection> {
  const { remote, signal } = options;
  const socket = await connected(open(parseRemote(remote), options), options);
  const { promise, resolve, reject } = Promise.withResolvers<SwitchConnection>();
  const { clock, logger, versions = ["1.3"] } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const connection = new SwitchSocket(socket, { name: remote, versions, clock, logger, limits, onLive: resolve });
  const giveUp = (): void => connection.close("it was given up");
  void connection.closed.then((error) => reject(error ?? failure(remote, "it was given up")));
  signal?.addEventListener("abort", giveUp);
  try {
    return await promise;
  } finally {
    signal?.removeEventListener("abort", giveUp);
  }
}

function open(to: Remote, { remote, tls }: ConnectOptions): Socket | TLSSocket {
  if (to.kind === "unix") return connectTcp({ path: to.path });
  const { host, port } = to;
  if (to.kind === "tcp") return connectTcp({ host, port });
  if (tls === undefined) throw failure(remote, "it needs certificates (tls), which weren't given");
  return connectTls({ host, port, ...clientOptions(tls) });
}

/** Waits until the socket is connected, with TLS until both ends have shown their certificates. */
async function connected(socket: Socket | TLSSocket, options: ConnectOptions): Promise<Socket> {
  const { remote, signal, clock, limits } = options;
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const timeoutMs = limits?.handshakeTimeoutMs ?? defaultLimits.handshakeTimeoutMs;
  const fail = (reason: string): void => reject(failure(remote, reason));
  const onError = (error: Error): void => fail(messageOf(error));
  const onClose = (): void => fail("the switch closed it");
  const onAbort = (): void => fail("it was given up");
  using _timer = clock.after(timeoutMs, () => fail(`no answer within ${timeoutMs} ms`));
  socket.once("encrypted" in socket ? "secureConnect" : "connect", () => resolve(undefined));
  // Stays: an error between now and the connection's own listener must not end the process.
  socket.on("error", onError);
  socket.once("close", onClose);
  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted === true) onAbort();
  try {
    await promise;
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    socket.off("close", onClose);
    signal?.removeEventListener("abort", onAbort);
  }
}

function failure(remote: string, reason: string): LoomstackError {
  return new LoomstackError("OPENFLOW__CONNECT_FAILED", { remote, reason });
}
