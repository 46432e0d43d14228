/** The order in which Open vSwitch prints conditions, which isn't the one in which it writes them. */
import type { FieldName } from "../of13/oxm.ts";
import { fieldRow, fieldRows } from "../of13/oxm.ts";

const beforeProtocol: readonly FieldName[] = [
  ...(["pktMark", "recircId", "dpHash", "conjId", "actsetOutput"] as const),
  ...(["ctState", "ctZone", "ctMark", "ctLabel", "ctNwSrc", "ctIpv6Src", "ctNwDst", "ctIpv6Dst"] as const),
  ...(["ctNwProto", "ctTpSrc", "ctTpDst", "packetType"] as const),
];

const tunnels: readonly FieldName[] = [
  ...(["tunnelId", "tunIpv4Src", "tunIpv4Dst", "tunIpv6Src", "tunIpv6Dst", "tunGbpId", "tunGbpFlags"] as const),
  ...(["tunErspanVer", "tunErspanIdx", "tunErspanDir", "tunErspanHwid", "tunGtpuFlags", "tunGtpuMsgtype"] as const),
  ...(["tunFlags"] as const),
  ...fieldRows.map(({ name }) => name).filter((name) => name.startsWith("tunMetadata")),
];

const behindProtocol: readonly FieldName[] = [
  ...fieldRows.filter(({ matchName }) => /^x*reg\d/.test(matchName)).map(({ name }) => name),
  ...tunnels,
  ...(["metadata", "inPort", "nxmInPort", "inPhyPort", "vlanVid", "ethSrc", "ethDst", "ethType"] as const),
  ...(["ipv6Src", "ipv6Dst", "ipv6Flabel", "arpSpa", "arpTpa"] as const),
  ...(["nshFlags", "nshTtl", "nshMdtype", "nshNp", "nshSpi", "nshSi", "nshC1", "nshC2", "nshC3", "nshC4"] as const),
  ...(["ipv4Src", "ipv4Dst", "arpOp", "ipProto", "arpSha", "arpTha", "ipTos", "ipDscp", "ipEcn", "ipTtl"] as const),
  ...(["mplsLabel", "mplsTc", "mplsTtl", "mplsBos", "ipFrag", "ipv6Exthdr", "pbbIsid"] as const),
  ...(["icmpv6Type", "icmpv6Code", "ndTarget", "ndSll", "ndTll", "ndReserved", "ndOptionsType"] as const),
  ...(["tcpSrc", "tcpDst", "tcpFlags"] as const),
];

/** Where the word for the protocol stands. */
export const protocolRank = beforeProtocol.length;

const ranks = new Map([...beforeProtocol, ...[undefined], ...behindProtocol].map((name, rank) => [name, rank]));

/** Fields outside of the list come last, in the order of the table. */
export function matchRank(name: FieldName): number {
  return ranks.get(name) ?? ranks.size + fieldRow(name).order;
}
