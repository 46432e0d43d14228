import fc from "fast-check";
import { expect, test } from "vitest";
import { parseUuid, type Uuid } from "@loomstack/core";
import { ReplicaTables } from "../cache/tables.ts";
import { type JsonObject, parseJson, stringifyJson } from "../notation/json.ts";
import { defaultValue, encodeValue, valuesEqual } from "../notation/value.ts";
import type { Atom } from "../notation/atom.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import type { AnyRow } from "./row-update.ts";
import { selectTables } from "./selection.ts";
import { readUpdate } from "./update.ts";
import { readUpdate2 } from "./update2.ts";

const text = { type: "string" } as const;
const columns = {
  scalar: { key: text, min: 1, max: 1 },
  optional: { key: text, min: 0, max: 1 },
  set: { key: { type: "integer" }, min: 0, max: "unlimited" },
  map: { key: text, value: text, min: 0, max: "unlimited" },
} as const;
const schema: DatabaseSchema = { name: "db", version: "1.0.0", tables: { T: { columns, isRoot: true } } };
const selection = selectTables(schema, { T: "all" }, schema);

type State = ReadonlyMap<Uuid, AnyRow>;

const few = fc.constantFrom("", "a", "b");
const row: fc.Arbitrary<AnyRow> = fc.record({
  scalar: few,
  optional: fc.option(few, { nil: undefined }),
  set: fc.uniqueArray(fc.constantFrom<Atom>(1, 2, 3, 2n ** 60n)).map((elements) => new Set(elements)),
  map: fc.uniqueArray(fc.tuple(few, few), { selector: ([key]) => key }).map((pairs) => new Map(pairs)),
});
const uuids = [1, 2, 3].map((n) => parseUuid(`00000000-0000-4000-8000-00000000000${n}`));
const state: fc.Arbitrary<State> = fc
  .tuple(...uuids.map((uuid) => fc.option(fc.tuple(fc.constant(uuid), row))))
  .map((rows) => new Map(rows.filter((entry) => entry !== null)));

/** A column's difference, straight from the words of ovsdb-server(7), 4.1.14. */
function difference(before: unknown, after: unknown): unknown {
  if (before instanceof Set && after instanceof Set) {
    return new Set([...before, ...after].filter((element) => !before.has(element) || !after.has(element)));
  }
  if (before instanceof Map && after instanceof Map) {
    const keys = new Set<unknown>([...before.keys(), ...after.keys()]);
    const pairs = [...keys].filter((key) => !before.has(key) || !after.has(key) || before.get(key) !== after.get(key));
    return new Map<unknown, unknown>(pairs.map((key) => [key, after.has(key) ? after.get(key) : before.get(key)]));
  }
  return after;
}

type Column = keyof typeof columns;
const columnNames = Object.keys(columns) as Column[];

function encode(names: readonly Column[], valueOf: (name: Column) => unknown): JsonObject {
  return Object.fromEntries(names.map((name) => [name, encodeValue(columns[name], valueOf(name), name)]));
}

/** What a server tells about one row, in one of the two forms. */
function tell(
  form: "update" | "update2",
  before: AnyRow | undefined,
  after: AnyRow | undefined,
): JsonObject | undefined {
  const changed = columnNames.filter(
    (name) => before === undefined || after === undefined || !valuesEqual(before[name], after[name]),
  );
  if (before === undefined && after === undefined) return undefined;
  if (changed.length === 0) return undefined;
  if (form === "update") {
    return {
      ...(before && { old: encode(changed, (name) => before[name]) }),
      ...(after && { new: encode(columnNames, (name) => after[name]) }),
    };
  }
  if (after === undefined) return { delete: null };
  if (before !== undefined) return { modify: encode(changed, (name) => difference(before[name], after[name])) };
  const notDefault = columnNames.filter((name) => !valuesEqual(after[name], defaultValue(columns[name])));
  return { insert: encode(notDefault, (name) => after[name]) };
}

test.each(["update", "update2"] as const)(
  "after any sequence of %s notifications the replica holds what the server holds",
  (form) => {
    fc.assert(
      fc.property(fc.array(state, { minLength: 1, maxLength: 12 }), (states) => {
        const tables = new ReplicaTables(selection);
        const seen: string[] = [];
        tables.changes.add((changes) => seen.push(...changes.map(({ uuid }) => uuid)));
        let before: State = new Map();
        for (const after of states) {
          const rows = uuids
            .map((uuid) => [uuid, tell(form, before.get(uuid), after.get(uuid))] as const)
            .filter(([, update]) => update !== undefined);
          const json = parseJson(stringifyJson({ T: Object.fromEntries(rows) as JsonObject }));
          tables.apply((form === "update" ? readUpdate : readUpdate2)(json, selection));
          expect(tables.table("T")).toEqual(after);
          expect(seen.splice(0)).toEqual(rows.map(([uuid]) => uuid));
          before = after;
        }
      }),
      { numRuns: 300 },
    );
  },
);

const [uuid = ""] = uuids;

function tablesWithRow(): ReplicaTables {
  const tables = new ReplicaTables(selection);
  tables.apply(readUpdate2({ T: { [uuid]: { initial: { scalar: "a", set: ["set", [1]] } } } }, selection));
  return tables;
}

test("an update that doesn't fit changes nothing of what is there", () => {
  const tables = tablesWithRow();
  const updates = {
    T: { [uuid]: { modify: { scalar: "b" } }, "00000000-0000-4000-8000-000000000009": { delete: null } },
  };
  expect(() => tables.apply(readUpdate2(updates, selection))).toThrow("there is no such row");
  expect(tables.table("T")?.get(parseUuid(uuid))?.["scalar"]).toBe("a");
});

test("a row that is inserted twice isn't accepted", () => {
  expect(() => tablesWithRow().apply(readUpdate2({ T: { [uuid]: { insert: {} } } }, selection))).toThrow(
    "the row is there already",
  );
});

test("a member that isn't a column is ignored, whatever its name", () => {
  const tables = new ReplicaTables(selection);
  const given = parseJson('{"__proto__": {"set": 1}, "constructor": "a", "other": 7, "scalar": "a"}');
  tables.apply(readUpdate2({ T: { [uuid]: { insert: given } } }, selection));
  tables.apply(readUpdate2({ T: { [uuid]: { modify: { other: 8, toString: 9, optional: "b" } } } }, selection));
  const expected = { scalar: "a", optional: "b", set: new Set(), map: new Map() };
  expect(tables.table("T")?.get(parseUuid(uuid))).toStrictEqual(expected);
});

test("rows are replaced, not changed: who holds the old one can compare", () => {
  const tables = tablesWithRow();
  const before = tables.table("T")?.get(parseUuid(uuid));
  tables.apply(readUpdate2({ T: { [uuid]: { modify: { set: ["set", [1, 2]] } } } }, selection));
  expect(before?.["set"]).toEqual(new Set([1]));
  expect(tables.table("T")?.get(parseUuid(uuid))?.["set"]).toEqual(new Set([2]));
});

test.each([
  ["not an object", []],
  ["an unknown table", { U: {} }],
  ["an id that isn't a UUID", { T: { x: { insert: {} } } }],
  ["a row that isn't an object", { T: { [uuid]: 7 } }],
  ["a row without content", { T: { [uuid]: {} } }],
  ["a wrong type", { T: { [uuid]: { insert: { scalar: 7 } } } }],
  ["a map where a set belongs", { T: { [uuid]: { insert: { set: ["map", []] } } } }],
])("%s is not an update", (_, json) => {
  expect(() => readUpdate2(json, selection)).toThrow(/was sent wrongly|can't be right/);
});
