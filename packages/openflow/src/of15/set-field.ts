import type { Codec } from "@loomstack/wire";
import type { Subfield } from "../nicira/subfield.ts";
import type { Action } from "../of13/actions.ts";
import { allOnes, sizeOf } from "../of13/field-types.ts";
import { type FieldName, fieldRow } from "../of13/oxm.ts";
import { readOxm, writeOxm } from "../of13/oxm-tlv.ts";

/** An action that sets a field, with a mask or without. */
export type AnyAssignment = Extract<Action, { readonly kind: "setField" | "setFieldMasked" }>;

/** One OXM TLV, in the number that matches have. @see OpenFlow 1.5.1, 7.2.6.7 (ofp_action_set_field) */
export const anyAssignment: Codec<AnyAssignment | undefined, AnyAssignment> = {
  read(reader) {
    const found = readOxm(reader);
    if (!("row" in found) || found.number.wireName !== found.row.wireName) return undefined;
    const { row, value, mask } = found;
    const field = row.name;
    return (
      mask === undefined ? { kind: "setField", field, value } : { kind: "setFieldMasked", field, value, mask }
    ) as AnyAssignment;
  },
  write(writer, assignment) {
    const { field, value } = assignment;
    const mask: unknown = assignment.kind === "setFieldMasked" ? assignment.mask : undefined;
    writeOxm(writer, fieldRow(field), value, mask);
  },
};

/** The assignment that puts `value` into bits of a field. */
export function loadAssignment({ field, start, bits, size }: Subfield, value: bigint): AnyAssignment {
  const { type } = fieldRow(field);
  const ones = ((1n << BigInt(bits)) - 1n) << BigInt(start);
  const shifted = type.fromInteger(value << BigInt(start), size);
  const assignment = { field, value: shifted };
  if (ones === allOnes(type, shifted)) return { kind: "setField", ...assignment } as AnyAssignment;
  return {
    kind: "setFieldMasked",
    ...assignment,
    mask: type.fromInteger(ones, size ?? sizeOf(type, shifted)),
  } as AnyAssignment;
}

const older: Readonly<Record<string, (action: never) => readonly [FieldName, unknown]>> = {
  setDlSrc: ({ address }: { readonly address: unknown }) => ["ethSrc", address],
  setDlDst: ({ address }: { readonly address: unknown }) => ["ethDst", address],
  setNwSrc: ({ address }: { readonly address: unknown }) => ["ipv4Src", address],
  setNwDst: ({ address }: { readonly address: unknown }) => ["ipv4Dst", address],
  setVlanVid: ({ vlanVid }: { readonly vlanVid: number }) => ["vlanVid", 0x1000 | vlanVid],
  setVlanPcp: ({ vlanPcp }: { readonly vlanPcp: number }) => ["vlanPcp", vlanPcp],
  setNwTos: ({ nwTos }: { readonly nwTos: number }) => ["ipDscp", nwTos >> 2],
  setNwEcn: ({ nwEcn }: { readonly nwEcn: number }) => ["ipEcn", nwEcn],
  setMplsLabel: ({ mplsLabel }: { readonly mplsLabel: number }) => ["mplsLabel", mplsLabel],
  setMplsTc: ({ mplsTc }: { readonly mplsTc: number }) => ["mplsTc", mplsTc],
};

/** What older versions have an action of its own for, and that says the same whatever the packet is. */
export function assignmentOf(action: Action): AnyAssignment | undefined {
  const found = older[action.kind]?.(action as never);
  return found && ({ kind: "setField", field: found[0], value: found[1] } as AnyAssignment);
}
