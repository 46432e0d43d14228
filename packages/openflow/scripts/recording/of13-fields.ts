import type { SwitchConnection } from "../../src/connection/switch-connection.ts";
import { fieldSamples, tunMetadataSize } from "../../src/of13/field.samples.ts";
import type { Flow } from "../../src/of13/flow.ts";
import type { Instruction } from "../../src/of13/instructions.ts";
import type { Match } from "../../src/of13/match.ts";
import { type FlowMod, flowMod } from "../../src/of13/messages/flow-mod.ts";
import type { FieldName } from "../../src/of13/oxm.ts";
import type { Subfield } from "../../src/nicira/subfield.ts";
import type { Recorder } from "./recorder.ts";

type SampleFlow = Pick<Flow, "match" | "instructions">;

const tracked = { ctState: { value: 0x21, mask: 0x21 } };
const ip = { ethType: 0x0800 };
const ipv6 = { ethType: 0x86dd };
const neighbour = { ...ipv6, ipProto: 58 };
const nsh = { ethType: 0x894f };

/** Vectors of every field that a switch takes in matches, several in a flow. */
export async function recordFields(recorder: Recorder, connection: SwitchConnection): Promise<void> {
  const mappings = Array.from(
    { length: 64 },
    (_, n) => `{class=0xffff,type=${n},len=${tunMetadataSize}}->tun_metadata${n}`,
  );
  await recorder.ofctl("add-tlv-map", mappings.join(","));
  for (const [name, flows] of Object.entries(matches)) {
    await recordFlowReply(recorder, connection, `fields-${name}`, flows);
  }
  const registers = [...numbered("xreg", 8), ...numbered("xxreg", 4)];
  await recordFlowReply(recorder, connection, "set-field-registers", [setFlow(registers)]);
  await recordFlowReply(recorder, connection, "subfields", [{ match: ip, instructions: subfields }]);
}

/** Installs flows instead of those that there are, and writes the reply that tells of them as a vector. */
export async function recordFlowReply(
  recorder: Recorder,
  connection: SwitchConnection,
  variant: string,
  flows: readonly SampleFlow[],
): Promise<void> {
  const mods = flows.map((flow, index) =>
    flowMod("add", { tableId: 0, priority: 100 + index, cookie: BigInt(0x100 + index), ...flow }),
  );
  const clear: FlowMod = { kind: "flowMod", command: "delete", tableId: 0xff };
  await connection.applyBundle([clear, ...mods]);
  await recorder.record([`multipart.flow-reply.${variant}`], () => recorder.ofctl("dump-flows"));
}

function numbered(prefix: "reg" | "xreg" | "xxreg" | "tunMetadata", count: number): readonly FieldName[] {
  return Array.from({ length: count }, (_, number) => `${prefix}${number}` as FieldName);
}

/** The samples of fields in one match. */
function flow(fields: readonly FieldName[], masked = false, required: Match = {}): SampleFlow {
  const conditions = fields.map((field) => [field, sampleOf(field, masked)]);
  return { match: { ...required, ...(Object.fromEntries(conditions) as Match) }, instructions: [] };
}

function both(fields: readonly FieldName[], required: Match = {}): readonly SampleFlow[] {
  return [flow(fields, false, required), flow(fields, true, required)];
}

function sampleOf(field: FieldName, masked: boolean): unknown {
  const match: Readonly<Record<string, unknown>> | undefined = fieldSamples.find(
    (sample) => sample.row.name === field && sample.masked === masked,
  )?.match;
  return match?.[field];
}

function setFlow(fields: readonly FieldName[]): SampleFlow {
  const actions = fields.map((field) => ({ kind: "setField", field, value: sampleOf(field, false) }));
  return { match: {}, instructions: [{ kind: "applyActions", actions } as Instruction] };
}

const tunnel = ["tunnelId", "tunFlags", "tunIpv4Src", "tunIpv4Dst", "tunGbpId", "tunGbpFlags"] as const;
const tcp4 = ["ipv4Src", "ipv4Dst", "ipFrag", "tcpSrc", "tcpDst", "tcpFlags"] as const;
const udp6 = ["ipv6Src", "ipv6Dst", "ipv6Flabel", "udpSrc", "udpDst"] as const;
const arp = ["arpSpa", "arpTpa", "arpSha", "arpTha"] as const;
const registers = [...numbered("reg", 16), "pktMark", "metadata"] as const;
const contexts = ["nshC1", "nshC2", "nshC3", "nshC4"] as const;
const original4 = ["ctNwSrc", "ctNwDst", "ctTpSrc", "ctTpDst"] as const;
const connection4 = { ctState: 0x21, ...ip, ctNwProto: 6 };

const matches: Readonly<Record<string, readonly SampleFlow[]>> = {
  ports: [flow(["packetType"]), flow(["conjId", "inPort", "actsetOutput"])],
  ethernet: [
    flow(["ethSrc", "ethDst", "ethType", "vlanVid", "vlanPcp"]),
    flow(["ethSrc", "ethDst", "vlanVid"], true),
    flow(["mplsTc", "mplsBos", "mplsTtl", "mplsLabel"], false, { ethType: 0x8847 }),
  ],
  ip: [
    flow(["ipDscp", "ipEcn", "ipTtl", ...tcp4], false, { ...ip, ipProto: 6 }),
    flow(tcp4, true, { ...ip, ipProto: 6 }),
    ...both(udp6, { ...ipv6, ipProto: 17 }),
  ],
  transport: [
    ...both(["sctpSrc", "sctpDst"], { ...ip, ipProto: 132 }),
    flow(["icmpv4Type", "icmpv4Code"], false, { ...ip, ipProto: 1 }),
    flow(["icmpv6Type", "icmpv6Code"], false, neighbour),
    flow(["ndReserved", "ndTarget", "ndOptionsType", "ndSll"], false, { ...neighbour, icmpv6Type: 135 }),
    flow(["ndTarget", "ndSll"], true, { ...neighbour, icmpv6Type: 135 }),
    ...both(["ndTll"], { ...neighbour, icmpv6Type: 136 }),
  ],
  arp: [flow(["arpOp", ...arp], false, { ethType: 0x0806 }), flow(arp, true, { ethType: 0x0806 })],
  tunnel: [...both(tunnel), ...both(["tunIpv6Src", "tunIpv6Dst"])],
  "tunnel-headers": [
    ...both(["tunErspanIdx"], { tunErspanVer: 1 }),
    flow(["tunErspanDir", "tunErspanHwid"], false, { tunErspanVer: 2 }),
    ...both(["tunGtpuFlags", "tunGtpuMsgtype"]),
  ],
  "tunnel-metadata": [flow(numbered("tunMetadata", 64))],
  "tunnel-metadata-masked": [flow(numbered("tunMetadata", 64), true)],
  nsh: [
    flow(["nshFlags", "nshTtl", "nshMdtype", "nshNp", "nshSpi", "nshSi", ...contexts], false, nsh),
    flow(["nshFlags", ...contexts], true, { ...nsh, nshMdtype: 1 }),
  ],
  registers: both(registers),
  connection: [
    flow(["ctZone", "ctMark", "ctLabel", "ctNwProto", ...original4], false, { ...tracked, ...ip }),
    flow(["ctMark", "ctLabel", ...original4], true, connection4),
    ...both(["ctIpv6Src", "ctIpv6Dst"], { ...tracked, ...ipv6 }),
  ],
};

function bitsOf(field: FieldName, bits: number, start = 0): Subfield {
  return { field, start, bits };
}

/** Fields that are only in actions, and others as actions have them. */
const subfields: readonly Instruction[] = [
  {
    kind: "applyActions",
    actions: [
      { kind: "load", to: bitsOf("vlanTci", 12), value: 5n },
      { kind: "load", to: bitsOf("ipTos", 8), value: 0x28n },
      { kind: "load", to: bitsOf("nxmInPort", 16), value: 0n },
      { kind: "move", from: bitsOf("dpHash", 32), to: bitsOf("reg0", 32) },
      { kind: "move", from: bitsOf("recircId", 32), to: bitsOf("reg1", 32) },
      { kind: "move", from: bitsOf("inPort", 32), to: bitsOf("reg2", 32) },
      { kind: "move", from: bitsOf("ctState", 32), to: bitsOf("reg3", 32) },
      { kind: "move", from: bitsOf("tunFlags", 1), to: bitsOf("reg4", 1, 7) },
      { kind: "stackPush", subfield: bitsOf("xreg0", 64) },
      { kind: "stackPop", subfield: { ...bitsOf("tunMetadata3", 32), size: 4 } },
    ],
  },
];
