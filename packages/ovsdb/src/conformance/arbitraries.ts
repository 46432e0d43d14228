import fc from "fast-check";
import { type Atom, canonicalInteger } from "../notation/atom.ts";
import { type ColumnValue, shapeOf } from "../notation/value.ts";
import type { RowPatch } from "../schema/row-types.ts";
import type { BaseType, ColumnSchema } from "../schema/schema.ts";
import { conformance } from "./schema.ts";

/** The atoms that values are made of, by their type. */
export type Atoms = Readonly<Record<BaseType["type"], fc.Arbitrary<Atom>>>;

/** ovsdb-server writes 15 digits of a real (lib/json.c), so others don't come back. */
const real = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .map((number) => Number(number.toPrecision(15)) + 0)
  .filter((number) => Number.isFinite(number) && (number === 0 || Math.abs(number) > 1e-300));

/** Any atom that a server can hold. */
export const anyAtoms: Atoms = {
  integer: fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(canonicalInteger), fc.maxSafeInteger()),
  real,
  boolean: fc.boolean(),
  string: fc.string({ unit: "binary" }).filter((text) => !text.includes("\0")),
  uuid: fc.uuid(),
};

/** So few atoms that one change often meets what another has left. */
export const fewAtoms: Atoms = {
  integer: fc.constantFrom<Atom>(0, 1, 2n ** 60n),
  real: fc.constantFrom(0, 0.5, 1e300),
  boolean: fc.boolean(),
  string: fc.constantFrom("", "a", "€"),
  uuid: fc.constantFrom("00000000-0000-0000-0000-000000000000", "36bef046-7da7-43a5-905a-c1789921600a"),
};

/** Values of a column, of at most three elements. */
function valueIn(column: ColumnSchema, atoms: Atoms): fc.Arbitrary<ColumnValue> {
  const key = atoms[column.key.type];
  const maxLength = column.max === 1 ? 1 : 3;
  switch (shapeOf(column)) {
    case "scalar":
      return key;
    case "optional":
      return fc.option(key, { nil: undefined });
    case "set":
      return fc.array(key, { maxLength }).map((elements) => new Set(elements));
    case "map":
      return fc
        .array(fc.tuple(key, atoms[column.value?.type ?? "string"]), { maxLength })
        .map((pairs) => new Map(pairs));
  }
}

const { name: _name, ...writable } = conformance.tables.Value.columns;

/** What an update of a row of table Value writes: some of its columns, or all of them. */
export function valuePatch(atoms: Atoms, columns: "some" | "all"): fc.Arbitrary<RowPatch<typeof conformance, "Value">> {
  const values = Object.entries(writable).map(([name, column]) => [name, valueIn(column, atoms)] as const);
  const record = fc.record(Object.fromEntries(values), columns === "all" ? {} : { requiredKeys: [] });
  return record;
}
