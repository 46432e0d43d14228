import type { ConnectionOptions, TlsOptions } from "node:tls";

/** Who we are, in PEM, and whom we trust. */
export interface SwitchTls {
  readonly key: string;
  readonly certificate: string;
  /** The other end must have a certificate that this authority has signed. */
  readonly authority: string;
}

/** How long the other end may take for the handshake of TLS. */
const handshakeTimeoutMs = 10_000;

/** Both ends show a certificate. */
export function serverOptions({ key, certificate, authority }: SwitchTls): TlsOptions {
  return {
    ...{ key, cert: certificate, ca: authority },
    ...{ requestCert: true, rejectUnauthorized: true, handshakeTimeout: handshakeTimeoutMs },
  };
}

/** As a client, where the name of the switch isn't looked at: its certificate has none that could be known here. */
export function clientOptions({ key, certificate, authority }: SwitchTls): ConnectionOptions {
  return {
    ...{ key, cert: certificate, ca: authority },
    ...{ rejectUnauthorized: true, checkServerIdentity: () => undefined },
  };
}
