import type { ConnectionOptions, TlsOptions } from "node:tls";
import type { TlsIdentity } from "@loomstack/core";

/** How long the other end may take for the handshake of TLS. */
const handshakeTimeoutMs = 10_000;

/** Both ends show a certificate. */
export function serverOptions(identity: TlsIdentity): TlsOptions {
  return {
    ...identity,
    ...{ requestCert: true, rejectUnauthorized: true, handshakeTimeout: handshakeTimeoutMs },
  };
}

/** As a client, where the name of the switch isn't looked at: its certificate has none that could be known here. */
export function clientOptions(identity: TlsIdentity): ConnectionOptions {
  return {
    ...identity,
    ...{ rejectUnauthorized: true, checkServerIdentity: () => undefined },
  };
}
