/** Matches in ovs-ofctl's syntax, in the order in which Open vSwitch prints them. @see ovs-fields(7) */
import type { OfPort } from "@loomstack/core";
import { type Match, type MatchEntry, matchEntries } from "../of13/match.ts";
import type { FieldName } from "../of13/oxm.ts";
import { formatMasked } from "./format-masked.ts";
import { type FlowNames, portName } from "./names.ts";

const registers = Array.from({ length: 16 }, (_, number) => `reg${number}` as FieldName);
const order: readonly FieldName[] = [
  ...(["pktMark", "conjId", "packetType"] as const),
  ...registers,
  ...([
    "tunnelId",
    "tunIpv4Src",
    "tunIpv4Dst",
    "tunIpv6Src",
    "tunIpv6Dst",
    "metadata",
    "inPort",
    "inPhyPort",
    "vlanVid",
    "vlanPcp",
  ] as const),
  ...([
    "ethSrc",
    "ethDst",
    "ethType",
    "ipv6Src",
    "ipv6Dst",
    "ipv6Flabel",
    "arpSpa",
    "arpTpa",
    "ipv4Src",
    "ipv4Dst",
    "arpOp",
    "ipProto",
  ] as const),
  ...([
    "arpSha",
    "arpTha",
    "ipDscp",
    "ipEcn",
    "ipTtl",
    "mplsLabel",
    "mplsTc",
    "mplsBos",
    "ipFrag",
    "ipv6Exthdr",
    "pbbIsid",
  ] as const),
];
const rank = new Map(order.map((name, index) => [name, index]));

const protocols = new Map([
  [
    0x0800,
    {
      name: "ip",
      byIpProto: new Map([
        [1, "icmp"],
        [6, "tcp"],
        [17, "udp"],
        [132, "sctp"],
      ]),
    },
  ],
  [
    0x86dd,
    {
      name: "ipv6",
      byIpProto: new Map([
        [58, "icmp6"],
        [6, "tcp6"],
        [17, "udp6"],
        [132, "sctp6"],
      ]),
    },
  ],
  [0x0806, { name: "arp", byIpProto: new Map<number, string>() }],
  [0x8035, { name: "rarp", byIpProto: new Map<number, string>() }],
  [0x8847, { name: "mpls", byIpProto: new Map<number, string>() }],
  [0x8848, { name: "mplsm", byIpProto: new Map<number, string>() }],
]);

/** The conditions of a match, one text each; none for a match of all packets. */
export function formatMatch(match: Match, names: FlowNames = {}): readonly string[] {
  const entries = matchEntries(match);
  const { keyword, implied } = protocolKeyword(entries);
  const conditions = entries
    .filter(({ row }) => !implied.includes(row.name))
    .sort((a, b) => (rank.get(a.row.name) ?? order.length) - (rank.get(b.row.name) ?? order.length))
    .map((entry) => formatCondition(entry, names));
  const unknown = (match.unknown ?? []).map(
    ({ oxmClass, number, bytes }) => `unknown(${oxmClass}:${number})=0x${Buffer.from(bytes).toString("hex")}`,
  );
  return [...keyword, ...conditions, ...unknown];
}

/** `tcp` instead of dl_type and nw_proto, and what it stands for. */
function protocolKeyword(entries: readonly MatchEntry[]): {
  readonly keyword: readonly string[];
  readonly implied: readonly FieldName[];
} {
  const number = (name: FieldName): number => Number(entries.find(({ row }) => row.name === name)?.value);
  const protocol = protocols.get(number("ethType"));
  if (protocol === undefined) return { keyword: [], implied: [] };
  const inner = protocol.byIpProto.get(number("ipProto"));
  return inner === undefined
    ? { keyword: [protocol.name], implied: ["ethType"] }
    : { keyword: [inner], implied: ["ethType", "ipProto"] };
}

function formatCondition({ row, value, mask }: MatchEntry, names: FlowNames): string {
  switch (row.name) {
    case "vlanVid":
      return vlanCondition(Number(value), mask === undefined ? 0x1fff : Number(mask));
    case "ipDscp":
      return `nw_tos=${Number(value) * 4}`;
    case "ipFrag":
      return `nw_frag=${fragmentWord(Number(value), mask === undefined ? 3 : Number(mask))}`;
    case "packetType":
      return `packet_type=(${Math.floor(Number(value) / 0x1_0000)},0x${(Number(value) % 0x1_0000).toString(16)})`;
    case "inPort":
    case "inPhyPort":
      return `${row.matchName}=${portName(value as OfPort, names)}`;
    default:
      return `${row.matchName}=${formatMasked(row.type, value, mask)}`;
  }
}

function vlanCondition(value: number, mask: number): string {
  if (mask === 0x1fff && value >= 0x1000) return `dl_vlan=${value - 0x1000}`;
  const hex = (bits: number): string => `0x${bits.toString(16).padStart(4, "0")}`;
  return `vlan_tci=${hex(value)}/${hex(mask)}`;
}

function fragmentWord(value: number, mask: number): string {
  if (mask === 1) return value === 1 ? "yes" : "no";
  if (mask === 2) return value === 2 ? "later" : "not_later";
  return ["no", "first", "later", "later"][value] ?? "later";
}
