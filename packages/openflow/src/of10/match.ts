/**
 * ofp_match of OpenFlow 1.0: 40 bytes with a bit for each field that doesn't count. What such a switch ignores, such as
 * ports of a packet that isn't TCP or UDP, is neither read nor taken.
 *
 * @see OpenFlow 1.0.0, 5.2.3
 */
import { type Ipv4, ipv4FromNumber, ipv4ToNumber, type Mac, type OfPort } from "@loomstack/core";
import { type Codec, mapped, pad, struct, u16, u32, u8, type ValueOf } from "@loomstack/wire";
import { ipv4, mac } from "../of13/field-types.ts";
import type { Match } from "../of13/match.ts";
import { shortPortNo } from "../of13/ports.ts";
import type { FieldName } from "../of13/oxm.ts";
import { unsayable } from "../version/version.ts";
import { Conditions } from "./conditions.ts";

const rawMatch = struct({
  wildcards: u32,
  inPort: shortPortNo,
  dlSrc: mac.codec,
  dlDst: mac.codec,
  dlVlan: u16,
  dlVlanPcp: u8,
  _: pad(1),
  dlType: u16,
  nwTos: u8,
  nwProto: u8,
  _2: pad(2),
  nwSrc: ipv4.codec,
  nwDst: ipv4.codec,
  tpSrc: u16,
  tpDst: u16,
});
type RawMatch = ValueOf<typeof rawMatch>;

/** Bits of `wildcards`. @see OpenFlow 1.0.0, 5.2.3 (ofp_flow_wildcards) */
const Wild = {
  inPort: 1 << 0,
  dlVlan: 1 << 1,
  dlSrc: 1 << 2,
  dlDst: 1 << 3,
  dlType: 1 << 4,
  nwProto: 1 << 5,
  tpSrc: 1 << 6,
  tpDst: 1 << 7,
  dlVlanPcp: 1 << 20,
  nwTos: 1 << 21,
} as const;
/** Where the six bits start that count the bits of an address that don't matter, from the lowest. */
const Shift = { nwSrc: 8, nwDst: 14 } as const;

const noVlan = 0xffff;
const vlanTag = 0x1000;
const [etherIpv4, etherArp] = [0x0800, 0x0806];

interface NetworkFields {
  readonly source: FieldName;
  readonly destination: FieldName;
  readonly protocol: FieldName;
}
const networks: ReadonlyMap<unknown, NetworkFields> = new Map([
  [etherIpv4, { source: "ipv4Src", destination: "ipv4Dst", protocol: "ipProto" }],
  [etherArp, { source: "arpSpa", destination: "arpTpa", protocol: "arpOp" }],
]);
const transports: ReadonlyMap<unknown, readonly [FieldName, FieldName]> = new Map<
  unknown,
  readonly [FieldName, FieldName]
>([
  [1, ["icmpv4Type", "icmpv4Code"]],
  [6, ["tcpSrc", "tcpDst"]],
  [17, ["udpSrc", "udpDst"]],
  [132, ["sctpSrc", "sctpDst"]],
]);

/** @throws OPENFLOW__UNSUPPORTED_BY_VERSION for a condition that OpenFlow 1.0 doesn't have */
export const match10: Codec<Match> = mapped(rawMatch, { decode: matchOf, encode: rawOf });

function matchOf(raw: RawMatch): Match {
  const match: Record<string, unknown> = {};
  const set = (field: FieldName, bit: number, value: unknown): void => {
    if ((raw.wildcards & bit) === 0) match[field] = value;
  };
  set("inPort", Wild.inPort, raw.inPort);
  set("ethSrc", Wild.dlSrc, raw.dlSrc);
  set("ethDst", Wild.dlDst, raw.dlDst);
  set("ethType", Wild.dlType, raw.dlType);
  readVlan(raw, match);
  const network = networks.get(match["ethType"]);
  if (network === undefined) return match;
  set(network.protocol, Wild.nwProto, raw.nwProto);
  for (const [field, side] of [[network.source, "nwSrc"] as const, [network.destination, "nwDst"] as const]) {
    const condition = addressCondition(raw[side], (raw.wildcards >>> Shift[side]) & 0x3f);
    if (condition !== undefined) match[field] = condition;
  }
  if (match["ethType"] === etherIpv4) set("ipDscp", Wild.nwTos, raw.nwTos >> 2);
  const transport = transports.get(match["ipProto"]);
  if (transport === undefined) return match;
  const octets = match["ipProto"] === 1;
  set(transport[0], Wild.tpSrc, octets ? raw.tpSrc & 0xff : raw.tpSrc);
  set(transport[1], Wild.tpDst, octets ? raw.tpDst & 0xff : raw.tpDst);
  return match;
}

function readVlan({ wildcards, dlVlan, dlVlanPcp }: RawMatch, match: Record<string, unknown>): void {
  const anyVlan = (wildcards & Wild.dlVlan) !== 0;
  if (!anyVlan) match["vlanVid"] = dlVlan === noVlan ? 0 : vlanTag | (dlVlan & 0xfff);
  if ((wildcards & Wild.dlVlanPcp) !== 0 || match["vlanVid"] === 0) return;
  if (anyVlan) match["vlanVid"] = { value: vlanTag, mask: vlanTag };
  match["vlanPcp"] = dlVlanPcp & 7;
}

/** @param ignored how many of the lowest bits don't count; undefined is returned where that is all */
function addressCondition(value: Ipv4, ignored: number): unknown {
  if (ignored >= 32) return undefined;
  if (ignored === 0) return value;
  const mask = (0xffff_ffff << ignored) >>> 0;
  return { value: ipv4FromNumber((ipv4ToNumber(value) & mask) >>> 0), mask: ipv4FromNumber(mask) };
}

function rawOf(match: Match): RawMatch {
  const given = new Conditions(match);
  let wildcards = 0;
  const take = <T>(field: FieldName | undefined, bit: number, none: T): T => {
    const value = field === undefined ? undefined : given.takeExact(field);
    if (value === undefined) wildcards |= bit;
    return (value ?? none) as T;
  };
  const address = (field: FieldName | undefined, side: keyof typeof Shift): Ipv4 => {
    const { value, ignored } = field === undefined ? anyAddress : given.takePrefix(field);
    wildcards |= ignored << Shift[side];
    return value;
  };
  const dlType = take("ethType", Wild.dlType, 0);
  const network = networks.get((wildcards & Wild.dlType) === 0 ? dlType : undefined);
  const nwProto = take(network?.protocol, Wild.nwProto, 0);
  const isIpv4 = network?.protocol === "ipProto";
  const transport = transports.get(isIpv4 && (wildcards & Wild.nwProto) === 0 ? nwProto : undefined);
  const raw = {
    inPort: take("inPort", Wild.inPort, 0 as OfPort),
    dlSrc: take("ethSrc", Wild.dlSrc, noMac),
    dlDst: take("ethDst", Wild.dlDst, noMac),
    ...writeVlan(given, (bit) => (wildcards |= bit)),
    dlType,
    nwTos: take(isIpv4 ? "ipDscp" : undefined, Wild.nwTos, 0) << 2,
    nwProto,
    nwSrc: address(network?.source, "nwSrc"),
    nwDst: address(network?.destination, "nwDst"),
    tpSrc: take(transport?.[0], Wild.tpSrc, 0),
    tpDst: take(transport?.[1], Wild.tpDst, 0),
  };
  given.refuseRest();
  return { ...raw, wildcards };
}

const noMac = "00:00:00:00:00:00" as Mac;
const anyAddress = { value: "0.0.0.0" as Ipv4, ignored: 32 };

function writeVlan(given: Conditions, ignore: (bit: number) => void): Pick<RawMatch, "dlVlan" | "dlVlanPcp"> {
  const pcp = given.takeExact("vlanPcp") as number | undefined;
  const dlVlanPcp = pcp ?? 0;
  // OpenFlow 1.0 can't ask for any tag at all, but asking for a priority implies it.
  const vlan = pcp === undefined ? given.takeExact("vlanVid") : (given.takeAnyTag() ?? given.takeExact("vlanVid"));
  // As Open vSwitch has it: packets without a tag have the priority 0.
  if (pcp === undefined && vlan !== 0) ignore(Wild.dlVlanPcp);
  if (vlan === undefined || vlan === "any") {
    ignore(Wild.dlVlan);
    return { dlVlan: 0, dlVlanPcp };
  }
  if (vlan === 0 && pcp === undefined) return { dlVlan: noVlan, dlVlanPcp };
  if (typeof vlan !== "number" || (vlan & vlanTag) === 0)
    throw unsayable("1.0", "a match of vlanVid that has no tag bit");
  return { dlVlan: vlan & 0xfff, dlVlanPcp };
}
