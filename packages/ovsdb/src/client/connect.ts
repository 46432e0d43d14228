import type { Logger } from "@loomstack/core";
import { Session } from "../jsonrpc/session.ts";
import { defaultSessionLimits, type SessionLimits } from "../jsonrpc/session-limits.ts";
import { createClient, type OvsdbClient } from "./client.ts";
import { Monitors } from "./monitors.ts";
import { type ConnectOptions, openSocket } from "./socket.ts";

export interface ConnectOvsdbOptions extends ConnectOptions {
  readonly logger: Logger;
  readonly limits?: Partial<SessionLimits>;
}

/**
 * Connects to an OVSDB server. Aborting `signal` gives up connecting; it has no effect on the client.
 *
 * @throws OVSDB__INVALID_REMOTE, OVSDB__TLS_REQUIRED, OVSDB__INVALID_TLS, OVSDB__CONNECT_FAILED,
 * OVSDB__CONNECT_TIMEOUT, CORE__ABORTED
 * @example await using client = await connectOvsdb({ remote: "tcp:10.9.0.1:6640", clock, logger });
 */
export async function connectOvsdb(options: ConnectOvsdbOptions): Promise<OvsdbClient> {
  const { remote, clock, logger } = options;
  const socket = await openSocket(options);
  const monitors = new Monitors();
  const session = new Session(socket, {
    remote,
    clock,
    logger,
    limits: { ...defaultSessionLimits, ...options.limits },
    onNotification: (method, params) => monitors.receive(method, params),
  });
  return createClient({ session, monitors, localAddress: socket.localAddress, remote, logger });
}
