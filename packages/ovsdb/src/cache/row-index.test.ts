import fc from "fast-check";
import { parseUuid } from "@loomstack/core";
import { expect, test } from "vitest";
import type { AnyRow, RowUpdate } from "../monitor/row-update.ts";
import { selectTables } from "../monitor/selection.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import { ReplicaTables } from "./tables.ts";

const text = { key: { type: "string" }, min: 0, max: 1 } as const;
const table = { columns: { name: text, other: text }, isRoot: true };
const schema: DatabaseSchema = { name: "db", version: "1.0.0", tables: { T: table, U: table } };

const uuids = [1, 2, 3, 4].map((n) => parseUuid(`00000000-0000-4000-8000-00000000000${n}`));
const row: fc.Arbitrary<AnyRow> = fc.record({
  name: fc.constantFrom("a", "b", undefined),
  other: fc.constantFrom("a", "b"),
});
const contents = fc.tuple(...uuids.map((uuid) => fc.option(fc.tuple(fc.constant(uuid), row))));

test("after any sequence of contents an index has what a search would find", () => {
  fc.assert(
    fc.property(fc.array(contents, { maxLength: 6 }), fc.array(contents, { maxLength: 6 }), (before, after) => {
      const rows = new ReplicaTables(selectTables(schema, { T: "all", U: "all" }, schema));
      const inserts = (all: (typeof before)[number]): readonly RowUpdate[] =>
        all.flatMap((entry): readonly RowUpdate[] => {
          if (entry === null) return [];
          const [uuid, value] = entry;
          return ["T", "U"].map((name) => ({ table: name, uuid, kind: "insert", row: value }));
        });
      for (const all of before) rows.replace(inserts(all));
      using index = rows.index("T", ({ name }) => name);
      for (const all of after) rows.replace(inserts(all));
      for (const key of ["a", "b", "c"]) {
        expect(index.get(key)).toEqual(new Map([...(rows.table("T") ?? [])].filter(([, { name }]) => name === key)));
      }
    }),
  );
});

test("listeners find the index as current as the table", () => {
  const rows = new ReplicaTables(selectTables(schema, { T: "all" }, schema));
  using index = rows.index("T", ({ name }) => name);
  const found: number[] = [];
  using _listening = rows.changes.add(() => found.push(index.get("a").size));
  const insert = (n: number): RowUpdate[] =>
    uuids.slice(0, n).map((uuid) => ({ table: "T", uuid, kind: "insert", row: { name: "a", other: "b" } }));
  rows.replace(insert(1));
  rows.replace(insert(3));
  rows.replace([]);
  expect(found).toEqual([1, 3, 0]);
});

test("an index that was disposed of stays as it was", () => {
  const rows = new ReplicaTables(selectTables(schema, { T: "all" }, schema));
  const index = rows.index("T", ({ name }) => name);
  index[Symbol.dispose]();
  rows.replace(uuids.map((uuid) => ({ table: "T", uuid, kind: "insert", row: { name: "a", other: "b" } })));
  expect(index.get("a").size).toBe(0);
});
