/**
 * What each action asks of the packets that it is done to, and what they are once it is done. @see ovs-actions(7);
 * OpenFlow 1.3.5, 7.2.5: the prerequisites of a field hold for the actions on it
 */
import { connectionHelpers } from "../../text/format-connection-tracking.ts";
import type { Subfield } from "../../nicira/subfield.ts";
import type { Action } from "../actions.ts";
import { ip, mpls, tcp } from "../field-protocols.ts";
import { type FieldName, fieldRow } from "../oxm.ts";
import type { Prerequisites } from "../oxm-table.ts";
import { Port } from "../ports.ts";
import { etherTypeOf, type KnownPacket, lackOf, unmetOf } from "./known-packet.ts";
import { learnProblem } from "./learned-flow.ts";
import { lacking, type Problem } from "./problem.ts";

/** What is wrong with an action, if anything, and what is known of the packet behind it, where that changes. */
export interface Verdict {
  readonly problem?: Problem | undefined;
  readonly after?: Partial<KnownPacket> | undefined;
}

type Rule<K extends Action["kind"]> = (
  action: Extract<Action, { readonly kind: K }>,
  packet: KnownPacket,
) => Verdict | undefined;

/** Those of the actions that have no other actions inside; an action without a rule takes every packet. */
const rules: { readonly [K in Action["kind"]]?: Rule<K> } = {
  output: ({ port }) => sendable(port),
  outputTrunc: ({ port }) => sendable(port),
  outputRegister: ({ from }, packet) => onFields(packet, from),
  outputRegister2: ({ from }, packet) => onFields(packet, from),
  bundle: ({ members }) => members.map(member).find((verdict) => verdict !== undefined),
  bundleLoad: ({ members, to }, packet) =>
    onFields(packet, to) ?? members.map(member).find((verdict) => verdict !== undefined),
  multipath: ({ to }, packet) => onFields(packet, to),
  setField: ({ field, value }, packet) => set(field, fieldRow(field).type.toInteger(value), packet),
  setFieldMasked: ({ field, value }, packet) => set(field, fieldRow(field).type.toInteger(value), packet),
  load: ({ to, value }, packet) => set(to.field, value << BigInt(to.start), packet),
  move: ({ from, to }, packet) => onFields(packet, from, to),
  copyField: ({ from, to }, packet) => onFields(packet, from, to),
  stackPush: ({ subfield }, packet) => onFields(packet, subfield),
  stackPop: ({ subfield }, packet) => onFields(packet, subfield),
  setNwSrc: older("ipv4Src"),
  setNwDst: older("ipv4Dst"),
  setNwTos: older("ipDscp"),
  setNwEcn: older("ipEcn"),
  setNwTtl: older("ipTtl"),
  decNwTtl: older("ipTtl"),
  decNwTtlControllers: older("ipTtl"),
  setTpSrc: (_, packet) => onPorts(packet),
  setTpDst: (_, packet) => onPorts(packet),
  setMplsLabel: older("mplsLabel"),
  setMplsTc: older("mplsTc"),
  setMplsTtl: older("mplsTtl"),
  decMplsTtl: older("mplsTtl"),
  decNshTtl: older("nshTtl"),
  setVlanVid: (_, packet) => ({ ...onTag(packet), after: { vlanTags: Math.max(1, packet.vlanTags) } }),
  setVlanPcp: (_, packet) => ({ ...onTag(packet), after: { vlanTags: Math.max(1, packet.vlanTags) } }),
  popVlan: (_, packet) => ({ ...onTag(packet), after: { vlanTags: Math.max(0, packet.vlanTags - 1) } }),
  pushVlan: (_, { vlanTags }) =>
    vlanTags < mostTags ? { after: { vlanTags: vlanTags + 1 } } : { problem: tooManyTags },
  pushMpls: ({ etherType: ethType }, packet) => ({
    ...onEthernet(packet),
    after: { ethType, ipProto: 0 },
  }),
  popMpls: ({ etherType: ethType }, packet) => ({
    ...(onEthernet(packet) ?? onPrerequisites(mpls, packet)),
    after: { ethType },
  }),
  encap: ({ packetType }, packet) => ({ after: encapsulated(packetType, packet) }),
  decap: (_, { packetType, ethType }) => ({
    after: { packetType: packetType === 0 ? etherTypeSpace + ethType : undefined },
  }),
  finTimeout: (_, packet) => (packet.ipProto === tcp.ipProto[0] ? undefined : onPrerequisites(tcp, packet)),
  resubmitCt: (_, packet) => hard(onPrerequisites({ connection: true }, packet)),
  learn: ({ specs }, packet) => problem(learnProblem(specs, packet)),
  learn2: ({ specs }, packet) => problem(learnProblem(specs, packet)),
  nat: ({ range = {} }, packet) =>
    hard(onPrerequisites(range.ipv4Min === undefined ? (range.ipv6Min === undefined ? ip : v6) : v4, packet)),
};

const v4 = fieldRow("ipv4Src").requires;
const v6 = fieldRow("ipv6Src").requires;
const mostTags = 2;
const tooManyTags: Problem = {
  problem: `puts a tag on packets that have ${mostTags}, which is as many as there can be`,
  allowed: "it behind pop_vlan",
};
const etherTypeSpace = 0x1_0000;

/** @returns undefined for an action without a rule */
export function verdictOf(action: Action, packet: KnownPacket): Verdict | undefined {
  if (action.kind === "unknown") return undefined;
  return (rules[action.kind] as Rule<Action["kind"]> | undefined)?.(action, packet);
}

/** The fields that an action changes or reads have a meaning, whatever the version of OpenFlow. */
function onFields(packet: KnownPacket, ...subfields: readonly Pick<Subfield, "field">[]): Verdict | undefined {
  for (const { field } of subfields) {
    const lack = lackOf(fieldRow(field), packet);
    if (lack !== undefined) return { problem: lacking(lack, fieldRow(field).setName) };
  }
  return undefined;
}

function set(field: FieldName, bits: bigint, packet: KnownPacket): Verdict | undefined {
  const unmet = onFields(packet, { field });
  if (unmet !== undefined) return unmet;
  if (field === "vlanVid") return hard(onTag(packet));
  // The whole tag comes and goes with one of its bits.
  return field === "vlanTci" ? { after: { vlanTags: (bits & 0x1000n) === 0n ? 0 : 1 } } : undefined;
}

/** Actions that OpenFlow 1.0 or 1.1 had for a field: in an action set they are left to the switch. */
function older(field: FieldName): (action: unknown, packet: KnownPacket) => Verdict | undefined {
  return (_, packet) => onPrerequisites(fieldRow(field).requires, packet);
}

function onPrerequisites(requires: Prerequisites, packet: KnownPacket): Verdict | undefined {
  const lack = unmetOf(requires, packet);
  return lack === undefined ? undefined : { problem: { ...lacking(lack), isUpToSwitchInActionSet: true } };
}

function onEthernet({ packetType }: KnownPacket): Verdict | undefined {
  return packetType === 0 ? undefined : { problem: { ...lacking("eth"), isUpToSwitchInActionSet: true } };
}

function onTag(packet: KnownPacket): Verdict | undefined {
  return onPrerequisites({ vlanTag: true }, packet);
}

function onPorts(packet: KnownPacket): Verdict | undefined {
  const rows = (["tcpSrc", "udpSrc", "sctpSrc"] as const).map(fieldRow);
  const lacks = rows.map((row) => lackOf(row, packet));
  if (lacks.includes(undefined)) return undefined;
  return { problem: { ...lacking([...new Set(lacks)].join(" or ")), isUpToSwitchInActionSet: true } };
}

function hard(verdict: Verdict | undefined): Verdict | undefined {
  if (verdict?.problem === undefined) return verdict;
  return { ...verdict, problem: { ...verdict.problem, isUpToSwitchInActionSet: false } };
}

function problem(found: Problem | undefined): Verdict | undefined {
  return found && { problem: found };
}

function sendable(port: number): Verdict | undefined {
  if (port < Port.max || (port >= Port.inPort && port < Port.any)) return undefined;
  return { problem: { problem: "sends to a port that stands for none", allowed: "a port, or a reserved one but ANY" } };
}

function member(port: number): Verdict | undefined {
  if (port === Port.any) return undefined;
  if (port !== Port.controller) return sendable(port);
  return { problem: { problem: "has the controller as a member", allowed: "ports" } };
}

function encapsulated(packetType: number, packet: KnownPacket): Partial<KnownPacket> {
  const isEtherType = Math.floor(packetType / etherTypeSpace) === 1;
  const after = { ...packet, packetType, ...(isEtherType ? { ethType: packetType % etherTypeSpace } : {}) };
  return { ...after, ...(ip.ethType.some((type) => type === etherTypeOf(after)) ? {} : { ipProto: 0 }) };
}

/** What ct asks of packets besides that they are of IP. @returns undefined for nothing */
export function ctVerdict(
  { flags, alg = 0, zone = 0 }: Extract<Action, { readonly kind: "ct" }>,
  packet: KnownPacket,
): Verdict | undefined {
  const unmet = hard(onPrerequisites(ip, packet));
  if (unmet !== undefined) return unmet;
  if (flags?.commit === true && packet.isInvalid)
    return { problem: { problem: "commits connections that are invalid", allowed: "it without ct_state=+inv" } };
  const helper = connectionHelpers.get(alg);
  const transport = helper === "ftp" ? "tcpSrc" : helper === "tftp" ? "udpSrc" : undefined;
  const { ipProto } = transport === undefined ? {} : fieldRow(transport).requires;
  if (transport !== undefined && ipProto?.includes(packet.ipProto) === false)
    return hard(onPrerequisites(fieldRow(transport).requires, packet));
  return typeof zone === "number" ? undefined : onFields(packet, zone);
}
