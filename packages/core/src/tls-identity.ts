/** Who we are to the other end of a TLS connection, and whom we trust, each as PEM text. */
export interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
  /** The other end must have a certificate that this authority has signed. */
  readonly ca: string;
}
