import { parseUuid, type Uuid } from "@loomstack/core";
import { expect, test } from "vitest";
import type { AnyRow } from "../monitor/row-update.ts";
import { selectTables } from "../monitor/selection.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import { changedColumns } from "./row-events.ts";
import { ReplicaTables } from "./tables.ts";

const columns = {
  name: { key: { type: "string" }, min: 1, max: 1 },
  ofport: { key: { type: "integer" }, min: 0, max: 1 },
  options: { key: { type: "string" }, value: { type: "string" }, min: 0, max: "unlimited" },
} as const;
const schema: DatabaseSchema = { name: "db", version: "1.0.0", tables: { T: { columns, isRoot: true } } };

const [one, two] = [1, 2].map((n) => parseUuid(`00000000-0000-4000-8000-00000000000${n}`)) as [Uuid, Uuid];
const rowOf = (name: string, ofport?: number): AnyRow => ({ name, ofport, options: new Map() });

function setUp() {
  const rows = new ReplicaTables(selectTables(schema, { T: "all" }, schema));
  rows.apply([one, two].map((uuid) => ({ table: "T", uuid, kind: "insert", row: rowOf("a") })));
  return {
    rows,
    replace: (uuid: Uuid, row: AnyRow) => rows.apply([{ table: "T", uuid, kind: "replace", row }]),
    remove: (uuid: Uuid) => rows.apply([{ table: "T", uuid, kind: "delete" }]),
  };
}

test("a row is waited for until it satisfies, and isn't asked about when others change", async () => {
  const { rows, replace } = setUp();
  let asked = 0;
  const waiting = rows.untilRow("T", one, ({ ofport }) => (asked += 1) > 0 && ofport !== undefined);
  for (let n = 0; n < 10; n += 1) replace(two, rowOf(`b${n}`, n));
  expect(asked).toBe(1);
  replace(one, rowOf("b"));
  replace(one, rowOf("b", 7));
  expect(asked).toBe(3);
  expect(await waiting).toEqual(rowOf("b", 7));
  replace(one, rowOf("c", 8));
  expect(asked).toBe(3);
  expect(await rows.untilRow("T", one, () => true)).toEqual(rowOf("c", 8));
});

test("waiting for a row ends when it is deleted, and doesn't begin when it isn't there", async () => {
  const { rows, remove } = setUp();
  const gone = { code: "OVSDB__NO_SUCH_ROW", context: { table: "T", uuid: one } };
  const waits = [1, 2].map(() => expect(rows.untilRow("T", one, () => false)).rejects.toMatchObject(gone));
  remove(one);
  await Promise.all(waits);
  await expect(rows.untilRow("T", one, () => true)).rejects.toMatchObject(gone);
});

test("waiting for a row can be given up, and ends with what its predicate throws", async () => {
  const { rows, replace } = setUp();
  const giveUp = new AbortController();
  const waiting = rows.untilRow("T", one, () => false, giveUp.signal);
  giveUp.abort();
  await expect(waiting).rejects.toMatchObject({ code: "CORE__ABORTED" });
  const failing = expect(
    rows.untilRow("T", one, ({ ofport }) => {
      if (ofport === undefined) return false;
      throw new RangeError("too large");
    }),
  ).rejects.toThrow("too large");
  replace(one, rowOf("a", 70_000));
  await failing;
});

test("handlers are told what has become of the rows of their table", () => {
  const { rows, replace, remove } = setUp();
  const told: unknown[] = [];
  const watching = rows.watch("T", {
    insert: (uuid, row) => told.push(["insert", uuid, row]),
    modify: (uuid, row, before, changed) => told.push(["modify", uuid, row, before, changed]),
    delete: (uuid, before) => told.push(["delete", uuid, before]),
  });
  using _others = rows.watch("U", { modify: () => told.push("another table's") });
  using _deaf = rows.watch("T", {});
  replace(one, { ...rowOf("b"), options: new Map([["k", "v"]]) });
  remove(one);
  rows.apply([{ table: "T", uuid: one, kind: "insert", row: rowOf("c") }]);
  watching[Symbol.dispose]();
  remove(one);
  const modified = { ...rowOf("b"), options: new Map([["k", "v"]]) };
  expect(told).toEqual([
    ["modify", one, modified, rowOf("a"), ["name", "options"]],
    ["delete", one, modified],
    ["insert", one, rowOf("c")],
  ]);
});

test("the order of elements is no difference between two versions of a row", () => {
  const before = { set: new Set([1, 2]), map: new Map([["a", 1]]), same: 2n ** 60n };
  expect(changedColumns(before, { ...before, set: new Set([2, 1]), map: new Map([["a", 2]]) })).toEqual(["map"]);
});
