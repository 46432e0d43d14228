import { LoomstackError } from "@loomstack/core";

/** Where a switch listens, in the form that Open vSwitch's tools have it. @see ovs-ofctl(8) */
export type Remote =
  | { readonly kind: "tcp" | "ssl"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** OpenFlow's own port. @see OpenFlow 1.3.5, 6.3.3 */
const defaultPort = 6653;

/** @throws OPENFLOW__INVALID_REMOTE */
export function parseRemote(text: string): Remote {
  const [, kind, rest = ""] = /^(tcp|ssl|unix):(.+)$/s.exec(text) ?? [];
  if (kind === "unix") return { kind, path: rest };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(rest) ?? [];
  const host = bracketed ?? plain;
  const port = digits === undefined ? defaultPort : Number(digits);
  if (host === undefined || port < 1 || port > 65_535 || (kind !== "tcp" && kind !== "ssl"))
    throw new LoomstackError("OPENFLOW__INVALID_REMOTE", { remote: text });
  return { kind, host, port };
}
