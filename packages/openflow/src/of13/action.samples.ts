/** For tests: every action and instruction, in the flows of a match that allows them. */
import type { Ipv4, Mac } from "@loomstack/core";
import type { Action } from "./actions.ts";
import type { Instruction } from "./instructions.ts";
import type { Ipv6 } from "./ipv6.ts";
import type { Match } from "./match.ts";
import type { FieldName } from "./oxm.ts";
import { ofPort, Port } from "./ports.ts";
import { type Subfield, subfieldBits } from "../nicira/subfield.ts";

export interface ActionSample {
  /** The kinds of actions and instructions that it has. */
  readonly name: string;
  readonly match: Match;
  readonly instructions: readonly Instruction[];
}

const mac = "52:54:00:00:00:01" as Mac;
const address = "192.0.2.1" as Ipv4;
const address6 = "2001:db8::1" as Ipv6;
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));
const all = (field: FieldName): Subfield => ({ field, start: 0, bits: subfieldBits({ field }) });
const part = (field: FieldName, start: number, bits: number): Subfield => ({ field, start, bits });

const ip: Match = { ethType: 0x0800 };
const tcp: Match = { ...ip, ipProto: 6 };
const tagged: Match = { vlanVid: { value: 0x1000, mask: 0x1000 } };
const mpls: Match = { ethType: 0x8847 };
const trackedIp: Match = { ctState: { value: 0x22, mask: 0x22 }, ethType: 0x0800 };
const nsh: Match = { packetType: 0x0001_894f };

const output: Action = { kind: "output", port: ofPort(2) };
const pushNsh: Action = { kind: "encap", packetType: 0x0001_894f };

function apply(match: Match, ...actions: readonly Action[]): ActionSample {
  const name = [...new Set(actions.map(({ kind }) => kind))].join(" ");
  return { name, match, instructions: [{ kind: "applyActions", actions }] };
}

const outputs: readonly ActionSample[] = [
  apply({}, { kind: "output", port: ofPort(3), maxLen: 100 }),
  apply(
    {},
    ...[Port.inPort, Port.normal, Port.flood, Port.all, Port.local].map((port): Action => ({ kind: "output", port })),
  ),
  apply({}, { kind: "output", port: Port.controller, maxLen: 128 }, { kind: "output", port: Port.controller }),
  apply({}, { kind: "resubmitPort", inPort: ofPort(3) }, { kind: "resubmit", tableId: 5 }),
  apply(
    {},
    { kind: "resubmit", inPort: ofPort(3), tableId: 5 },
    { kind: "resubmit", inPort: ofPort(4), tableId: 0xff },
  ),
  apply(trackedIp, { kind: "resubmitCt", tableId: 6 }, { kind: "resubmitCt", inPort: Port.inPort, tableId: 7 }),
  apply(
    {},
    { kind: "outputRegister", from: all("reg3") },
    { kind: "outputRegister", from: part("reg4", 4, 16), maxLen: 64 },
  ),
  apply(
    {},
    { kind: "outputRegister2", from: all("reg5"), maxLen: 64 },
    { kind: "outputRegister2", from: part("tunErspanIdx", 0, 16) },
  ),
  apply({}, { kind: "outputTrunc", port: ofPort(3), maxLen: 64 }),
  apply({}, { kind: "controller" }, { kind: "controller", maxLen: 64, controllerId: 7, reason: 0 }),
  apply({}, { kind: "controller2", userdata: bytes("0102030405"), pause: true }),
  apply({}, { kind: "controller2", maxLen: 64, controllerId: 7, reason: 2, meterId: 1 }, { kind: "controller2" }),
  apply(
    {},
    {
      ...{ kind: "multipath", fields: "symmetric_l4", basis: 50, algorithm: "iter_hash", maxLink: 11, argument: 17 },
      to: part("reg0", 0, 16),
    },
  ),
  apply({}, { kind: "bundle", fields: "eth_src", basis: 0, algorithm: "hrw", members: [ofPort(4), ofPort(8)] }),
  apply({}, { kind: "bundle", fields: "symmetric_l3l4+udp", basis: 7, algorithm: "active_backup", members: [] }),
  apply(
    {},
    {
      ...{ kind: "bundleLoad", fields: "nw_dst", basis: 3, algorithm: "active_backup" },
      to: part("reg0", 8, 16),
      members: [ofPort(1), ofPort(2), ofPort(3)],
    },
  ),
];

const changes: readonly ActionSample[] = [
  apply({}, { kind: "pushVlan", etherType: 0x88a8 }, { kind: "pushVlan", etherType: 0x8100 }, { kind: "popVlan" }),
  apply(tagged, { kind: "setVlanVid", vlanVid: 5 }, { kind: "setVlanPcp", vlanPcp: 3 }),
  apply(
    tagged,
    { kind: "setField", field: "vlanVid", value: 0x1005 },
    { kind: "setField", field: "vlanPcp", value: 3 },
  ),
  apply({}, { kind: "setDlSrc", address: mac }, { kind: "setDlDst", address: mac }),
  apply(tcp, { kind: "setNwSrc", address }, { kind: "setNwDst", address }, { kind: "setNwTos", nwTos: 0x28 }),
  apply(tcp, { kind: "setNwEcn", nwEcn: 2 }, { kind: "setTpSrc", port: 80 }, { kind: "setTpDst", port: 443 }),
  apply(ip, { kind: "setNwTtl", nwTtl: 64 }, { kind: "decNwTtl" }),
  apply(
    ip,
    { kind: "decNwTtlControllers", controllerIds: [1, 2, 3, 4, 5] },
    { kind: "decNwTtlControllers", controllerIds: [0] },
  ),
  apply(
    mpls,
    { kind: "setMplsLabel", mplsLabel: 10 },
    { kind: "setMplsTc", mplsTc: 5 },
    { kind: "setMplsTtl", mplsTtl: 64 },
  ),
  apply(mpls, { kind: "decMplsTtl" }, { kind: "popMpls", etherType: 0x0800 }),
  apply(ip, { kind: "pushMpls", etherType: 0x8847 }, { kind: "pushMpls", etherType: 0x8848 }),
  apply({}, { kind: "setQueue", queueId: 5 }, output, { kind: "popQueue" }),
  apply({}, { kind: "setTunnel", tunnelId: 0x1234 }, { kind: "setTunnel64", tunnelId: 0x1234_5678_9abcn }),
  apply(
    {},
    { kind: "move", from: all("ethSrc"), to: all("ethDst") },
    { kind: "move", from: part("nxmInPort", 0, 16), to: part("reg0", 16, 16) },
  ),
  apply(
    {},
    { kind: "move", from: all("tunErspanIdx"), to: part("reg0", 0, 20) },
    { kind: "move", from: all("xxreg0"), to: all("xxreg1") },
  ),
  apply(
    {},
    { kind: "copyField", from: all("ethSrc"), to: all("ethDst") },
    { kind: "copyField", from: part("dpHash", 0, 8), to: part("reg0", 0, 8) },
  ),
  apply(
    {},
    { kind: "load", to: part("reg0", 4, 8), value: 0xffn },
    { kind: "load", to: all("xreg1"), value: 5n },
    { kind: "load", to: all("nxmInPort"), value: 0n },
  ),
  apply(
    {},
    { kind: "setFieldMasked", field: "reg0", value: 0x1234, mask: 0xff3c },
    { kind: "setFieldMasked", field: "ethSrc", value: mac },
  ),
  apply(
    {},
    { kind: "setFieldMasked", field: "xxreg0", value: 0x1_0000_0000_0000_0002n, mask: 0x3_0000_0000_0000_0003n },
  ),
  apply(
    {},
    { kind: "setFieldMasked", field: "tunErspanIdx", value: 5, mask: 0xf },
    { kind: "setField", field: "tunErspanVer", value: 2 },
  ),
  apply({}, { kind: "stackPush", subfield: all("reg0") }, { kind: "stackPop", subfield: part("reg1", 4, 28) }),
  apply({}, { kind: "stackPush", subfield: all("tunErspanIdx") }, { kind: "stackPop", subfield: all("ctLabel") }),
  apply({}, { kind: "checkPktLarger", pktLen: 1500, to: part("reg0", 3, 1) }),
  apply({}, { kind: "deleteField", field: "tunMetadata3", size: 4 }),
  apply(
    {},
    {
      kind: "encap",
      packetType: 0x0001_894f,
      properties: [
        { kind: "nshMdType", mdType: 2 },
        { kind: "nshTlv", tlvClass: 0x1000, tlvType: 10, data: bytes("12345678") },
      ],
    },
  ),
  apply(ip, pushNsh, { kind: "encap", packetType: 0 }),
  apply({ ethType: 0x894f }, { kind: "decap", packetType: 0x0000_fffe }),
  apply(nsh, { kind: "decNshTtl" }, { kind: "decap", packetType: 0x0001_0800 }),
  apply({}, { kind: "encap", packetType: 0x0001_8847 }),
  apply({}, { kind: "debugSlow" }, { kind: "debugRecirc" }),
  apply({}, { kind: "writeMetadata", metadata: 0x12n, mask: 0xffn }),
];

const flows: readonly ActionSample[] = [
  apply(
    {},
    { kind: "note", note: bytes("112233000000") },
    { kind: "note", note: bytes("0011223344556677889900000000") },
  ),
  apply({}, output, { kind: "exit" }),
  apply(
    tcp,
    { kind: "finTimeout", idleTimeoutSec: 10, hardTimeoutSec: 0 },
    { kind: "finTimeout", idleTimeoutSec: 10, hardTimeoutSec: 60 },
  ),
  apply({}, { kind: "sample", probability: 12345, collectorSetId: 23456, obsDomainId: 34567, obsPointId: 45678 }),
  apply(
    {},
    { kind: "sample2", probability: 1, collectorSetId: 2, obsDomainId: 3, obsPointId: 4, samplingPort: ofPort(5) },
  ),
  apply({}, { kind: "sample3", probability: 1, collectorSetId: 2, obsDomainId: 3, obsPointId: 4, direction: "egress" }),
  apply(
    {},
    { kind: "conjunction", clause: 0, nClauses: 2, id: 7 },
    { kind: "conjunction", clause: 2, nClauses: 3, id: 8 },
  ),
  apply({}, { kind: "learn", tableId: 2, specs: [] }),
  apply(
    {},
    {
      ...{ kind: "learn", tableId: 2, idleTimeoutSec: 10, hardTimeoutSec: 20, priority: 10, cookie: 0x1234n },
      flags: { sendFlowRemoved: true, deleteLearned: true },
      specs: [
        { kind: "match", from: part("vlanTci", 0, 12), to: part("vlanTci", 0, 12) },
        { kind: "match", from: all("ethSrc"), to: all("ethDst") },
        { kind: "load", from: all("nxmInPort"), to: part("reg0", 16, 16) },
        { kind: "load", from: 0x12345678n, to: all("reg1") },
        { kind: "output", from: all("nxmInPort") },
      ],
    },
  ),
  apply(tcp, {
    ...{ kind: "learn", tableId: 2, finIdleTimeoutSec: 3, finHardTimeoutSec: 4 },
    specs: [
      { kind: "match", from: 0x0800n, to: all("ethType") },
      { kind: "match", from: 6n, to: all("ipProto") },
      { kind: "match", from: 0xc000_0201n, to: all("ipv4Src") },
      { kind: "match", from: all("tcpSrc"), to: all("tcpDst") },
      { kind: "match", from: 0x5n, to: part("reg2", 3, 7) },
      { kind: "load", from: (1n << 100n) + 1n, to: all("xxreg1") },
    ],
  }),
  apply(
    {},
    {
      ...{ kind: "learn2", tableId: 3, limit: 100, result: part("reg0", 5, 1) },
      specs: [{ kind: "match", from: all("ethSrc"), to: all("ethDst") }],
    },
  ),
  apply({}, { kind: "learn2", tableId: 3, limit: 7, specs: [{ kind: "output", from: all("reg0") }] }),
  apply(ip, { kind: "ct" }, { kind: "ctClear" }),
  apply(ip, {
    ...{ kind: "ct", flags: { commit: true, force: true }, zone: 5, tableId: 20 },
    actions: [
      {
        kind: "nat",
        flags: { src: true, protoRandom: true },
        range: { ipv4Min: address, ipv4Max: "192.0.2.9" as Ipv4, protoMin: 1000, protoMax: 2000 },
      },
      { kind: "setField", field: "ctMark", value: 7 },
      { kind: "setFieldMasked", field: "ctLabel", value: 1n, mask: 3n },
      { kind: "move", from: all("reg0"), to: all("ctMark") },
    ],
  }),
  apply(
    tcp,
    { kind: "ct", flags: { commit: true }, zone: part("reg0", 0, 16), alg: 21 },
    { kind: "ct", zone: part("nxmInPort", 0, 16), tableId: 3, actions: [{ kind: "nat" }] },
  ),
  apply(ip, {
    kind: "ct",
    flags: { commit: true },
    actions: [
      {
        kind: "nat",
        flags: { dst: true, persistent: true, protoHash: true },
        range: { ipv4Min: address, protoMin: 80 },
      },
    ],
  }),
  apply(
    { ethType: 0x86dd },
    {
      ...{ kind: "ct", flags: { commit: true } },
      actions: [
        {
          kind: "nat",
          flags: { src: true },
          range: { ipv6Min: address6, ipv6Max: "2001:db8::9" as Ipv6, protoMin: 5, protoMax: 5 },
        },
      ],
    },
  ),
  apply(ip, { kind: "ct", flags: { commit: true }, actions: [{ kind: "nat", flags: { src: true } }] }),
  apply(
    {},
    {
      kind: "clone",
      actions: [output, { kind: "clone", actions: [{ kind: "setField", field: "reg0", value: 1 }, output] }],
    },
  ),
  apply({}, { kind: "clone", actions: [] }),
];

const instructions: readonly ActionSample[] = [
  { name: "no instruction", match: {}, instructions: [] },
  { name: "gotoTable", match: {}, instructions: [{ kind: "gotoTable", tableId: 250 }] },
  {
    name: "writeMetadata",
    match: {},
    instructions: [{ kind: "writeMetadata", metadata: 0x12n, mask: 2n ** 64n - 1n }],
  },
  {
    name: "writeActions clearActions group",
    match: {},
    instructions: [
      { kind: "clearActions" },
      { kind: "writeActions", actions: [{ kind: "group", groupId: 1 }, output] },
    ],
  },
  {
    name: "meter",
    match: {},
    instructions: [
      { kind: "meter", meterId: 1 },
      { kind: "applyActions", actions: [output, { kind: "group", groupId: 1 }] },
    ],
  },
];

export const actionSamples: readonly ActionSample[] = [...outputs, ...changes, ...flows, ...instructions];

/** The kinds that Open vSwitch 3.1 doesn't have, and why. */
export const notInActions: ReadonlyMap<Action["kind"], string> = new Map<Action["kind"], string>([
  ["copyTtlIn", "not of Open vSwitch"],
  ["copyTtlOut", "not of Open vSwitch"],
  ["pushPbb", "not of Open vSwitch"],
  ["popPbb", "not of Open vSwitch"],
  ["sample4", "since Open vSwitch 3.4"],
]);
