/** Matches in ovs-ofctl's syntax, in the order in which Open vSwitch prints them. @see ovs-fields(7) */
import type { OfPort } from "@loomstack/core";
import { type Match, type MatchEntry, matchEntries } from "../of13/match.ts";
import type { FieldName } from "../of13/oxm.ts";
import { vlanCondition } from "./format-vlan.ts";
import { formatMasked } from "./format-masked.ts";
import { matchRank, protocolRank } from "./match-order.ts";
import { type FlowNames, portName } from "./names.ts";
import { protocolOf } from "./protocols.ts";

/** A condition, or several that are printed as one, and where in the order it belongs. */
interface Condition {
  readonly rank: number;
  readonly text: string;
}

/** The conditions of a match, one text each; none for a match of all packets. */
export function formatMatch(match: Match, names: FlowNames = {}): readonly string[] {
  const entries = matchEntries(match);
  const { keyword, implied } = protocolKeyword(entries);
  const others = entries.filter(
    ({ row, value }) =>
      !implied.includes(row.name) && !vlanFields.includes(row.name) && !(row.name === "packetType" && value === 0),
  );
  const conditions: readonly Condition[] = [
    ...keyword.map((text) => ({ rank: protocolRank, text })),
    ...others.map((entry) => ({ rank: matchRank(entry.row.name), text: formatCondition(entry, names) })),
    ...vlanCondition(entries).map((text) => ({ rank: matchRank("vlanVid"), text })),
  ];
  const unknown = (match.unknown ?? []).map(
    ({ oxmClass, number, hasMask, bytes }) =>
      `unknown_field(${oxmClass},${number},${hasMask ? "masked," : ""}0x${Buffer.from(bytes).toString("hex")})`,
  );
  return [...conditions.toSorted((a, b) => a.rank - b.rank).map(({ text }) => text), ...unknown];
}

/** What is printed together, by the tag that a packet has. */
const vlanFields: readonly FieldName[] = ["vlanVid", "vlanPcp", "vlanTci"];

/** `tcp` instead of dl_type and nw_proto, and what it stands for. */
function protocolKeyword(entries: readonly MatchEntry[]): {
  readonly keyword: readonly string[];
  readonly implied: readonly FieldName[];
} {
  const number = (name: FieldName): number => Number(entries.find(({ row }) => row.name === name)?.value);
  const protocol = protocolOf(number("ethType"), number("ipProto"));
  if (protocol === undefined) return { keyword: [], implied: [] };
  return { keyword: [protocol.name], implied: protocol.ipProto === undefined ? ["ethType"] : ["ethType", "ipProto"] };
}

function formatCondition({ row, value, mask }: MatchEntry, names: FlowNames): string {
  switch (row.name) {
    case "ethType":
      return `dl_type=${fixedHex(value, 4)}`;
    case "ipv6Flabel":
      return `ipv6_label=${fixedHex(value, 5)}${mask === undefined ? "" : `/${fixedHex(mask, 5)}`}`;
    case "ipDscp":
      return `nw_tos=${Number(value) * 4}`;
    case "nshFlags":
      return `nsh_flags=${mask === undefined ? Number(value) : `${fixedHex(value, 2)}/${fixedHex(mask, 2)}`}`;
    case "nshC1":
    case "nshC2":
    case "nshC3":
    case "nshC4":
      return `${row.matchName}=${fixedHex(value, 1)}${mask === undefined ? "" : `/${fixedHex(mask, 1)}`}`;
    case "ctZone":
      return `ct_zone=${Number(value)}`;
    case "ipFrag":
      return `nw_frag=${fragmentWord(Number(value), mask === undefined ? 3 : Number(mask))}`;
    case "packetType":
      return `packet_type=(${shortHex(Math.floor(Number(value) / 0x1_0000))},${shortHex(Number(value) % 0x1_0000)})`;
    case "tunErspanVer":
    case "tunErspanHwid":
    case "tunGtpuFlags":
    case "tunGtpuMsgtype":
      // Open vSwitch takes any value of these for its mask, too, and reads the value alone as that.
      return `${row.matchName}=${formatMasked(row.type, value, value === mask ? undefined : mask)}`;
    case "tunFlags":
      return `tun_flags=${Number(value) === 0 ? "-" : "+"}oam`;
    default:
      if (row.type.form === "port") return `${row.matchName}=${portName(value as OfPort, names)}`;
      return `${row.matchName}=${formatMasked(row.type, value, mask)}`;
  }
}

function fixedHex(value: unknown, digits: number): string {
  return `0x${Number(value).toString(16).padStart(digits, "0")}`;
}

function fragmentWord(value: number, mask: number): string {
  if (mask === 1) return value === 1 ? "yes" : "no";
  if (mask === 2) return value === 2 ? "later" : "not_later";
  return ["no", "first", "later", "later"][value] ?? "later";
}

/** One digit has no 0x in front of it. */
function shortHex(value: number): string {
  return value < 10 ? value.toString() : `0x${value.toString(16)}`;
}
