import type { Logger } from "@loomstack/core";
import type { SessionLimits } from "../jsonrpc/session-limits.ts";
import type { OvsdbClient } from "./client.ts";
import { Connection } from "./connection.ts";
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
  return new Connection(await openSocket(options), options);
}
