import { isIPv6 } from "node:net";
import { LoomstackError } from "@loomstack/core";

/** Where an OVSDB server listens, in the words of ovs-vsctl(8) `--db`. */
export type Remote =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp" | "ssl"; readonly host: string; readonly port: number };

/** The port that IANA has given to OVSDB. */
export const defaultPort = 6640;

/**
 * Reads `unix:<path>`, `tcp:<address>[:<port>]`, `ssl:<address>[:<port>]`; an IPv6 address is in brackets.
 *
 * @throws OVSDB__INVALID_REMOTE
 */
export function parseRemote(text: string): Remote {
  const path = /^unix:(.+)$/.exec(text)?.[1];
  if (path !== undefined) return { kind: "unix", path };
  const match = /^(?<kind>tcp|ssl):(?:\[(?<v6>[^\]]+)\]|(?<name>[^\s:[\]]+))(?::(?<port>\d{1,5}))?$/.exec(text);
  const { kind, v6, name, port } = match?.groups ?? {};
  const host = v6 ?? name;
  const number = port === undefined ? defaultPort : Number(port);
  if (host === undefined || (v6 !== undefined && !isIPv6(v6)) || number < 1 || number > 65535) {
    throw new LoomstackError("OVSDB__INVALID_REMOTE", { remote: text });
  }
  return { kind: kind === "ssl" ? "ssl" : "tcp", host, port: number };
}
