import { isIPv4, isIPv6 } from "node:net";
import { LoomstackError } from "@loomstack/core";
import { defaultPort } from "./remote.ts";

/** Where to listen for OVSDB servers that dial in, in the words of ovs-vsctl(8) `set-manager`, turned round. */
export type PassiveRemote =
  | { readonly kind: "punix"; readonly path: string }
  | { readonly kind: "ptcp" | "pssl"; readonly host: string; readonly port: number };

/**
 * Reads `punix:<path>`, `ptcp:[<port>][:<address>]`, `pssl:[<port>][:<address>]`; an IPv6 address is in brackets.
 * Without an address, `pssl:`, which lets nobody in without a certificate, is every IPv4 address of this machine;
 * `ptcp:` is loopback alone, unlike in ovs-vsctl: what anybody may dial has to be named. Without a port it is 6640;
 * port 0 is one that the system chooses.
 *
 * @throws OVSDB__INVALID_PASSIVE_REMOTE
 */
export function parsePassiveRemote(text: string): PassiveRemote {
  const path = /^punix:(.+)$/.exec(text)?.[1];
  if (path !== undefined) return { kind: "punix", path };
  const match = /^(?<kind>ptcp|pssl):(?<port>\d{1,5})?(?::(?:\[(?<v6>[^\]]+)\]|(?<v4>[\d.]+)))?$/.exec(text);
  const { kind, port, v6, v4 } = match?.groups ?? {};
  const number = port === undefined ? defaultPort : Number(port);
  const isAddress = (v6 === undefined || isIPv6(v6)) && (v4 === undefined || isIPv4(v4));
  if (kind === undefined || !isAddress || number > 65535) {
    throw new LoomstackError("OVSDB__INVALID_PASSIVE_REMOTE", { remote: text });
  }
  const address = v6 ?? v4;
  return kind === "pssl"
    ? { kind: "pssl", host: address ?? "0.0.0.0", port: number }
    : { kind: "ptcp", host: address ?? "127.0.0.1", port: number };
}
