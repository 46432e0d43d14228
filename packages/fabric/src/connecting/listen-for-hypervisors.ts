import type { Clock, Logger, TlsIdentity } from "@loomstack/core";
import { listenOvsdb, type OvsdbClient, type OvsdbListener } from "@loomstack/ovsdb";
import { probeIntervalMs } from "./dialled-database.ts";

export interface ListenForHypervisorsOptions {
  readonly host: string;
  /** 0 for any free one. OVSDB's own is 6640. */
  readonly port: number;
  /** With it only those are heard whose certificate its authority has signed. */
  readonly tls: TlsIdentity | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onClient: (client: OvsdbClient) => void;
}

/** How many may be connected, those who are refused among them. */
const mostConnections = 4_000;
/** How long one may take to say who it is. */
const requestTimeLimitMs = 10_000;

/** Waits for hypervisors that dial in (`ovs-vsctl set-manager ssl:…`). @throws OVSDB__LISTEN_FAILED, OVSDB__INVALID_TLS */
export async function listenForHypervisors(options: ListenForHypervisorsOptions): Promise<OvsdbListener> {
  const { host, port, tls, clock, logger, onClient } = options;
  const address = host === "localhost" ? "127.0.0.1" : host;
  return listenOvsdb({
    remote: `${tls === undefined ? "ptcp" : "pssl"}:${port}:${address}`,
    ...(tls && { tls }),
    maxClients: mostConnections,
    limits: { probeIntervalMs, requestTimeLimitMs },
    ...{ clock, logger, onClient },
  });
}
