/** Bits of a field: `NXM_NX_REG0[0..15]`, `reg0[3]`, `eth_src[]`, `eth_src`. @see ovs-actions(7), "Field Specifications" */
import { type Subfield, subfieldBits } from "../../nicira/subfield.ts";
import { part, refused, type TextSlice, textOf } from "./text-slice.ts";
import { fieldByAnyName } from "./field-names.ts";

const form = /^([^[\]-]*)(?:\[(?:(\d{1,4})(?:\.\.(\d{1,4}))?)?\])?$/;

/** @throws OPENFLOW__INVALID_TEXT */
export function parseSubfield(slice: TextSlice): Subfield {
  const subfield = subfieldIn(slice);
  if (subfield === undefined)
    throw refused(
      slice,
      "is no field or bits of one",
      "a name from ovs-fields(7), with [], [bit] or [first..last] behind it",
    );
  return subfield;
}

/** As parseSubfield; undefined for what doesn't even look like one. */
export function subfieldIn(slice: TextSlice): Subfield | undefined {
  const [, name, first, last] = form.exec(textOf(slice)) ?? [];
  const row = name === undefined ? undefined : fieldByAnyName(name);
  if (row === undefined) return undefined;
  const width = subfieldBits({ field: row.name });
  const start = Number(first ?? 0);
  const end = first === undefined ? width - 1 : Number(last ?? first);
  if (start > end || end >= width)
    throw refused(part(slice, (name ?? "").length), `are no bits of ${row.setName}`, `bits from 0 to ${width - 1}`);
  return { field: row.name, start, bits: end - start + 1 };
}
