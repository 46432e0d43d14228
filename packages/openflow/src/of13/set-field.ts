import type { Codec } from "@loomstack/wire";
import { type FieldName, fieldRow, type FieldValue } from "./oxm.ts";
import { readOxm, writeOxm } from "./oxm-tlv.ts";

/** The fields whose values are of the type `T`. */
type FieldsOf<T> = {
  [F in FieldName]: FieldValue<F> extends T ? (T extends FieldValue<F> ? F : never) : never;
}[FieldName];
type AnyFieldValue = { [F in FieldName]: FieldValue<F> }[FieldName];

// One member for each type of value, not for each field: a union of hundreds slows the compiler down.
type Assignments<T> = T extends unknown ? { readonly field: FieldsOf<T>; readonly value: T } : never;
type MaskedAssignments<T> = T extends unknown
  ? { readonly field: FieldsOf<T>; readonly value: T; readonly mask?: T | undefined }
  : never;

/** A field and the value it gets; the type of the value is the field's. */
export type FieldAssignment = Assignments<AnyFieldValue>;

/** A field and the value that those of its bits get that the mask has; all without one. */
export type MaskedFieldAssignment = MaskedAssignments<AnyFieldValue>;

/** The body of OFPAT_SET_FIELD: one OXM TLV without a mask. @see OpenFlow 1.3.5, 7.2.5 (ofp_action_set_field) */
export const fieldAssignment: Codec<FieldAssignment | undefined, FieldAssignment> = {
  read(reader) {
    const found = readOxm(reader);
    if (!("row" in found) || found.mask !== undefined || found.number.wireName !== found.row.wireName) return undefined;
    return { field: found.row.name, value: found.value } as FieldAssignment;
  },
  write(writer, { field, value }) {
    writeOxm(writer, fieldRow(field), value, undefined);
  },
};

/** The body of NXAST_REG_LOAD2: one OXM TLV, in Nicira's numbers where there are some. */
export const maskedFieldAssignment: Codec<MaskedFieldAssignment | undefined, MaskedFieldAssignment> = {
  read(reader) {
    const found = readOxm(reader);
    if (!("row" in found) || found.number.wireName !== found.row.subfield.wireName) return undefined;
    const { row, value, mask } = found;
    return { field: row.name, value, ...(mask === undefined ? {} : { mask }) } as MaskedFieldAssignment;
  },
  write(writer, { field, value, mask }) {
    const row = fieldRow(field);
    writeOxm(writer, row, value, mask, row.subfield);
  },
};
