import type { Codec } from "@loomstack/wire";
import { readOxm, writeOxm } from "./match.ts";
import { type FieldName, fieldRow, type FieldValue } from "./oxm.ts";

/** A field and the value it gets; the type of the value is the field's. */
export type FieldAssignment = {
  readonly [F in FieldName]: { readonly field: F; readonly value: FieldValue<F> };
}[FieldName];

/** The body of OFPAT_SET_FIELD: one OXM TLV without a mask. @see OpenFlow 1.3.5, 7.2.5 (ofp_action_set_field) */
export const fieldAssignment: Codec<FieldAssignment | undefined, FieldAssignment> = {
  read(reader) {
    const found = readOxm(reader);
    if (!("row" in found) || found.mask !== undefined) return undefined;
    return { field: found.row.name, value: found.value } as FieldAssignment;
  },
  write(writer, { field, value }) {
    writeOxm(writer, fieldRow(field), value, undefined);
  },
};
