/**
 * Tunnel ports and their options (ovs-vswitchd.conf.db(5), table Interface, "Tunnel Options"): numbers as numbers, and
 * only the options that a type of tunnel has.
 */
import { LoomstackError } from "@loomstack/core";
import type { Operation } from "../notation/operation.ts";
import type { MakeOptions } from "./interface.ts";
import { findNamed } from "./observed.ts";
import { ensurePort, type ObservedPorts, type PortSettings, removePort } from "./port.ts";

/** `"flow"`: flows choose it, or match on it. */
type ByFlow = "flow";
type Key = number | ByFlow;
type PacketType = "legacy_l2" | "legacy_l3" | "ptap";

interface AnyTunnelOptions {
  /** The address of the other end. */
  readonly remote_ip: string;
  /** The address that packets have to be sent to; `"flow"` only where `remote_ip` is. Default: any. */
  readonly local_ip?: string;
  /** 24 bits, for GRE 32; both directions. */
  readonly key?: Key;
  readonly in_key?: Key;
  readonly out_key?: Key;
  /** Bits of the outer header: DSCP and ECN, ECN zero. */
  readonly tos?: number | "inherit";
  readonly ttl?: number | "inherit";
  /** Whether the outer header forbids fragments. */
  readonly df_default?: boolean;
  readonly egress_pkt_mark?: number;
  /** Whether the outer header carries a checksum. */
  readonly csum?: boolean;
}

export interface VxlanOptions extends AnyTunnelOptions {
  readonly type: "vxlan";
  /** UDP; default: 4789. */
  readonly dst_port?: number;
  readonly exts?: readonly ("gbp" | "gpe")[];
  readonly packet_type?: PacketType;
}
export interface GeneveOptions extends AnyTunnelOptions {
  readonly type: "geneve";
  /** UDP; default: 6081. */
  readonly dst_port?: number;
}
export interface GreOptions extends AnyTunnelOptions {
  readonly type: "gre";
  readonly packet_type?: PacketType;
  /** Whether packets are numbered. */
  readonly seq?: boolean;
}
export type TunnelOptions = VxlanOptions | GeneveOptions | GreOptions;

const tunnelTypes: readonly string[] = ["vxlan", "gre", "geneve"] satisfies TunnelOptions["type"][];

/**
 * A port with one tunnel interface.
 *
 * @throws OVSDB__INVALID_VALUE when a key, a port, tos or ttl is out of range, or local_ip is "flow" and remote_ip isn't
 * @example tunnelPort({ name: "vxlan0" }, { type: "vxlan", remote_ip: "flow", key: "flow" })
 */
export function tunnelPort(port: Omit<PortSettings, "interfaces">, tunnel: TunnelOptions): PortSettings {
  const { type, ...options } = tunnel;
  refuseWrong(tunnel);
  const texts = Object.entries(options).map(
    ([option, value]) => [option, Array.isArray(value) ? value.join(",") : String(value)] as const,
  );
  return { ...port, interfaces: [{ name: port.name, type, options: new Map(texts) }] };
}

/** What makes a bridge have this tunnel. @throws as tunnelPort and ensurePort */
export function ensureTunnel(
  observed: ObservedPorts,
  bridge: string,
  port: Omit<PortSettings, "interfaces">,
  tunnel: TunnelOptions,
  options: MakeOptions = {},
): Operation[] {
  return ensurePort(observed, bridge, tunnelPort(port, tunnel), options);
}

/**
 * What removes a tunnel port; nothing when there is none. @throws OVSDB__RECORD_DIFFERS when that port isn't a tunnel, or
 * is on another bridge than the one given
 */
export function removeTunnel(observed: ObservedPorts, name: string, bridge?: string): Operation[] {
  const found = findNamed(observed.Interface, name)?.row;
  if (found !== undefined && !tunnelTypes.includes(found.type)) {
    const difference = `it is of type ${found.type === "" ? "system" : found.type}, no tunnel`;
    throw new LoomstackError("OVSDB__RECORD_DIFFERS", { record: `port ${name}`, difference });
  }
  return removePort(observed, name, bridge);
}

function refuseWrong(tunnel: TunnelOptions): void {
  const keyLimit = tunnel.type === "gre" ? 2 ** 32 - 1 : 2 ** 24 - 1;
  const limits: readonly (readonly [string, unknown, number, number])[] = [
    ["key", tunnel.key, 0, keyLimit],
    ["in_key", tunnel.in_key, 0, keyLimit],
    ["out_key", tunnel.out_key, 0, keyLimit],
    ["dst_port", "dst_port" in tunnel ? tunnel.dst_port : undefined, 1, 65_535],
    ["tos", tunnel.tos, 0, 255],
    ["ttl", tunnel.ttl, 0, 255],
    ["egress_pkt_mark", tunnel.egress_pkt_mark, 0, 2 ** 32 - 1],
  ];
  for (const [option, value, low, high] of limits) {
    if (typeof value !== "number" || (Number.isInteger(value) && value >= low && value <= high)) continue;
    throw wrong(option, `${value} isn't an integer from ${low} to ${high}`);
  }
  if (tunnel.local_ip === "flow" && tunnel.remote_ip !== "flow") throw wrong("local_ip", "remote_ip isn't flow, too");
}

function wrong(option: string, reason: string): LoomstackError {
  return new LoomstackError("OVSDB__INVALID_VALUE", { label: `Interface.options:${option}`, reason });
}
