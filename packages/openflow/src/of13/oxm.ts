/**
 * All match fields, one row each, in the order in which Open vSwitch writes them. That order puts every field behind
 * its prerequisites, as OpenFlow asks for, and gives equal matches equal bytes. Names are the camelCase of the OXM
 * names.
 */
import { LoomstackError } from "@loomstack/core";
import { connectionFields } from "../nicira/connection-fields.ts";
import { nshFields } from "../nicira/nsh-fields.ts";
import { registers } from "../nicira/registers.ts";
import { tunnelFields } from "../nicira/tunnel-fields.ts";
import { ethernetFields } from "./ethernet-fields.ts";
import { arp } from "./field-protocols.ts";
import { decimal16, decimal32, type FieldType, hex32, hex64, ipv4, mac, packetType } from "./field-types.ts";
import { ipFields } from "./ip-fields.ts";
import { et, type Field, nx, nxm, of, oxm, type WireNumber } from "./oxm-table.ts";
import { portFields } from "./port-fields.ts";
import { transportFields } from "./transport-fields.ts";

const maskable = true;
const readOnly = true;

export const fields = {
  packetType: oxm("PACKET_TYPE", 44, packetType, "packet_type", { readOnly }),
  /** The hash that a group with the selection method dp_hash chooses by. */
  dpHash: nxm("DP_HASH", 35, hex32, "dp_hash", { maskable, readOnly, others: [et("DP_HASH", 0)] }),
  /** Open vSwitch's own; it refuses it in flows. */
  recircId: nxm("RECIRC_ID", 36, decimal32, "recirc_id", { readOnly }),
  conjId: nxm("CONJ_ID", 37, decimal32, "conj_id", { readOnly }),
  ...portFields,
  ...ethernetFields,
  ...ipFields,
  ...transportFields,
  arpOp: oxm("ARP_OP", 21, decimal16, "arp_op", { requires: arp, nxm: of("ARP_OP", 15) }),
  arpSpa: oxm("ARP_SPA", 22, ipv4, "arp_spa", { maskable, requires: arp, nxm: of("ARP_SPA", 16) }),
  arpTpa: oxm("ARP_TPA", 23, ipv4, "arp_tpa", { maskable, requires: arp, nxm: of("ARP_TPA", 17) }),
  arpSha: oxm("ARP_SHA", 24, mac, "arp_sha", { maskable, requires: arp, nxm: nx("ARP_SHA", 17) }),
  arpTha: oxm("ARP_THA", 25, mac, "arp_tha", { maskable, requires: arp, nxm: nx("ARP_THA", 18) }),
  ...tunnelFields,
  ...nshFields,
  ...registers,
  pktMark: nxm("PKT_MARK", 33, hex32, "pkt_mark", { maskable }),
  ...connectionFields,
  metadata: oxm("METADATA", 2, hex64, "metadata", { maskable }),
} as const;

export type FieldName = keyof typeof fields;

/** The type of a field's value. */
export type FieldValue<F extends FieldName> = (typeof fields)[F] extends { readonly type: FieldType<infer T> }
  ? T
  : never;

/** A row of the table whose value type isn't known, with its name and its place in the order. */
export interface FieldRow extends Field<unknown> {
  readonly name: FieldName;
  readonly order: number;
}

/** A row, and the one of its numbers that it was found by. */
export interface NumberedField {
  readonly row: FieldRow;
  readonly number: WireNumber;
}

const rows: readonly FieldRow[] = Object.entries(fields).map(([name, field], order) => ({
  ...(field as Field<unknown>),
  name: name as FieldName,
  order,
}));
const byName = new Map<string, FieldRow>(rows.map((row) => [row.name, row]));
const numbered: readonly NumberedField[] = rows.flatMap((row) => numbersOf(row).map((number) => ({ row, number })));
const byNumber = new Map<number, NumberedField>(
  numbered.map((entry) => [tableKey(entry.number.oxmClass, entry.number.number, entry.number.experimenter), entry]),
);
const byWireName = new Map<string, NumberedField>(numbered.map((entry) => [entry.number.wireName, entry]));

/** All rows in the order of the table. */
export const fieldRows: readonly FieldRow[] = rows;

/** @throws OPENFLOW__UNKNOWN_FIELD where the compiler was overruled */
export function fieldRow(name: FieldName): FieldRow {
  const row = byName.get(name);
  if (row === undefined) throw new LoomstackError("OPENFLOW__UNKNOWN_FIELD", { field: name });
  return row;
}

/** The row with an OXM number, or with another number that stands for the same field in the same form. */
export function fieldByNumber(oxmClass: number, number: number, experimenter?: number): NumberedField | undefined {
  return byNumber.get(tableKey(oxmClass, number, experimenter));
}

/** The row that has a number of this name, such as NXM_OF_ETH_SRC. */
export function fieldByWireName(wireName: string): NumberedField | undefined {
  return byWireName.get(wireName);
}

/** The number of a row in matches, and then its others, each once. */
function numbersOf(row: FieldRow): readonly WireNumber[] {
  const primary: WireNumber = row;
  return row.subfield.wireName === row.wireName ? [primary, ...row.others] : [primary, row.subfield, ...row.others];
}

/** One number for each, small enough to be exact: experimenters have one class in common. */
function tableKey(oxmClass: number, number: number, experimenter?: number): number {
  return (experimenter === undefined ? oxmClass : 0x1_0000 + experimenter) * 128 + number;
}
