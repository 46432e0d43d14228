/** Actions that set and copy fields, with those that OpenFlow 1.0 and 1.1 had for single fields. */
import type { Action } from "../../of13/actions.ts";
import { type FieldName, type FieldRow, fieldRow } from "../../of13/oxm.ts";
import { isWhole, type Subfield } from "../../nicira/subfield.ts";
import type { ActionReader, ActionReaders, ReadContext } from "./action-reader.ts";
import { ipv4In, macIn } from "./addresses.ts";
import { fieldInAction } from "./field-names.ts";
import { maskedBits, variableSize } from "./field-values.ts";
import { numberOfBits, numberU16, numberU64, numberUpTo } from "./numbers.ts";
import { parseSubfield } from "./parse-subfield.ts";
import { part, refused, splitAt, type TextSlice, textOf } from "./text-slice.ts";

/** The most bits that one load has. */
const mostBits = 64;
const tagProtocol = 0x8100;
const tagPresent = 0x1000;

export const fieldReaders: ActionReaders = {
  set_field: (value, { names }) => {
    const [source, target] = arrow(value);
    const row = fieldInAction(textOf(target));
    if (row === undefined) throw refused(target, "is no field", "a name of ovs-fields(7)");
    checkWritable(row, target);
    const { bits, mask, size } = maskedBits(row, source, names);
    if (mask !== undefined && !row.maskable) throw refused(source, `masks ${row.setName}`, "a value without a mask");
    return setField(row, bits, mask, size, source);
  },
  load: (value) => {
    const [source, target] = arrow(value);
    const to = parseSubfield(target);
    checkWritable(fieldRow(to.field), target);
    return load(to, numberOfBits(source, to.bits, "number to load"));
  },
  move: (value) => {
    const [source, target] = arrow(value);
    const [from, to] = [parseSubfield(source), parseSubfield(target)];
    checkWritable(fieldRow(to.field), target);
    if (from.bits !== to.bits)
      throw refused(target, `has ${to.bits} bits`, `as many as there are to move: ${from.bits}`);
    return { kind: "move", from, to };
  },
  pop: (value) => {
    const subfield = parseSubfield(value);
    checkWritable(fieldRow(subfield.field), value);
    return { kind: "stackPop", subfield };
  },
  check_pkt_larger: (value) => {
    const [source, target] = arrow(value);
    const length = textOf(source).endsWith(")") ? part(source, 0, textOf(source).length - 1) : source;
    const to = parseSubfield(target);
    if (to.bits !== 1) throw refused(target, `has ${to.bits} bits`, "one bit");
    return { kind: "checkPktLarger", pktLen: numberU16(length, "length"), to };
  },
  mod_dl_src: (value) => whole("ethSrc", macIn(value)),
  mod_dl_dst: (value) => whole("ethDst", macIn(value)),
  mod_nw_src: (value) => whole("ipv4Src", ipv4In(value)),
  mod_nw_dst: (value) => whole("ipv4Dst", ipv4In(value)),
  mod_nw_tos: (value) => {
    const tos = numberUpTo(value, 0xff, "type of service");
    if (tos % 4 !== 0) throw refused(value, "is no type of service", "a multiple of 4 up to 252");
    return whole("ipDscp", BigInt(tos / 4));
  },
  mod_nw_ecn: (value) => whole("ipEcn", BigInt(numberUpTo(value, 3, "ECN"))),
  mod_tp_src: transportPort({ 6: "tcpSrc", 17: "udpSrc", 132: "sctpSrc" }),
  mod_tp_dst: transportPort({ 6: "tcpDst", 17: "udpDst", 132: "sctpDst" }),
  set_vlan_vid: (value) => vlanVid(value),
  set_vlan_pcp: (value) => vlanPcp(value),
  mod_vlan_vid: (value, context) => [...tagIfNone(context), vlanVid(value)],
  mod_vlan_pcp: (value, context) => [...tagIfNone(context), vlanPcp(value)],
  set_mpls_label: (value) => whole("mplsLabel", BigInt(numberUpTo(value, 0xf_ffff, "MPLS label"))),
  set_mpls_tc: (value) => whole("mplsTc", BigInt(numberUpTo(value, 7, "traffic class"))),
  set_tunnel: (value) => whole("tunnelId", numberU64(value, "tunnel id")),
  set_tunnel64: (value) => whole("tunnelId", numberU64(value, "tunnel id")),
};

function setField(
  row: FieldRow,
  bits: bigint,
  mask: bigint | undefined,
  size: number | undefined,
  slice: TextSlice,
): Action {
  const assignment = { field: row.name, value: row.type.fromInteger(bits, size) };
  const bytes = 8 * (size ?? row.type.size);
  if (mask === undefined || (row.type.variable && mask === (1n << BigInt(bytes)) - 1n))
    return { kind: "setField", ...assignment } as Action;
  if (mask === 0n) throw refused(slice, "sets nothing", "a mask with at least one bit");
  const value = row.type.fromInteger(bits & mask, size);
  return { kind: "setFieldMasked", ...assignment, value, mask: row.type.fromInteger(mask, size) } as Action;
}

function whole(field: FieldName, bits: bigint): Action {
  return { kind: "setField", field, value: fieldRow(field).type.fromInteger(bits) } as Action;
}

/** Wide fields are loaded piece by piece; some take no load at all. */
function load(to: Subfield, value: bigint): Action | readonly Action[] {
  const row = fieldRow(to.field);
  if (row.subfield.experimenter !== undefined || row.type.variable) {
    const mask = ((1n << BigInt(to.bits)) - 1n) << BigInt(to.start);
    const size = row.type.variable && !isWhole(to) ? variableSize(0n, mask) : undefined;
    const assignment = { field: to.field, value: row.type.fromInteger(value << BigInt(to.start), size) };
    const masked = isWhole(to) ? {} : { mask: row.type.fromInteger(mask, size) };
    return { kind: "setFieldMasked", ...assignment, ...masked } as Action;
  }
  if (to.bits <= mostBits) return { kind: "load", to, value };
  const starts = Array.from({ length: Math.ceil(to.bits / mostBits) }, (_, index) => index * mostBits);
  return starts.map((start): Action => {
    const bits = Math.min(mostBits, to.bits - start);
    const own = BigInt.asUintN(bits, value >> BigInt(start));
    return { kind: "load", to: { ...to, start: to.start + start, bits }, value: own };
  });
}

function arrow(value: TextSlice): readonly [TextSlice, TextSlice] {
  const halves = splitAt(value, "->");
  if (halves === undefined) throw refused(value, "has no target", "<value>-><field>");
  return halves;
}

function checkWritable(row: FieldRow, slice: TextSlice): void {
  if (!row.writable) throw refused(slice, "can't be changed by an action", "a field that isn't read-only");
}

/** The field is that of the flow's protocol. */
function transportPort(fields: Readonly<Record<number, FieldName>>): ActionReader {
  return (value, { match }) => {
    const port = numberU16(value, "port");
    const protocol = typeof match.ipProto === "number" ? match.ipProto : -1;
    const field = Object.hasOwn(fields, protocol) ? fields[protocol] : undefined;
    if (field === undefined)
      throw refused(value, "is a port, of which the flow's packets have none", "it in a flow of tcp, udp or sctp");
    return whole(field, BigInt(port));
  };
}

function vlanVid(value: TextSlice): Action {
  return whole("vlanVid", BigInt(tagPresent + numberUpTo(value, 0xfff, "VLAN id")));
}

function vlanPcp(value: TextSlice): Action {
  return whole("vlanPcp", BigInt(numberUpTo(value, 7, "VLAN priority")));
}

/** As in OpenFlow 1.0, where setting a tag's parts added the tag. */
function tagIfNone({ match, before }: ReadContext): readonly Action[] {
  let tagged = hasTag(match);
  for (const { kind } of before) {
    if (kind === "pushVlan") tagged = true;
    else if (kind === "popVlan") tagged = false;
  }
  return tagged ? [] : [{ kind: "pushVlan", etherType: tagProtocol }];
}

function hasTag({ vlanVid: condition }: ReadContext["match"]): boolean {
  if (condition === undefined) return false;
  const { value, mask } = typeof condition === "number" ? { value: condition, mask: 0x1fff } : condition;
  return (value & mask & tagPresent) !== 0;
}
