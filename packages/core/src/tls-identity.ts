import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";

/** Who we are to the other end of a TLS connection, and whom we trust, each as PEM text. */
export interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
  /** The other end must have a certificate that this authority has signed. */
  readonly ca: string;
}

/** The subject of the peer's certificate in one line, "O=example, CN=hypervisor 7"; undefined in the clear. */
export function peerSubject(socket: Socket): string | undefined {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  return certificate?.subject.trim().split("\n").toReversed().join(", ");
}
