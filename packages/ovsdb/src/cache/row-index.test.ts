import fc from "fast-check";
import { LoomstackError, parseUuid, type Uuid } from "@loomstack/core";
import { expect, test } from "vitest";
import type { AnyRow, RowUpdate } from "../monitor/row-update.ts";
import { selectTables } from "../monitor/selection.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import { ReplicaTables } from "./tables.ts";

const text = { key: { type: "string" }, min: 0, max: 1 } as const;
const texts = { key: { type: "string" }, min: 0, max: "unlimited" } as const;
const table = { columns: { name: text, tags: texts }, isRoot: true };
const schema: DatabaseSchema = { name: "db", version: "1.0.0", tables: { T: table, U: table } };
const newTables = (): ReplicaTables => new ReplicaTables(selectTables(schema, { T: "all", U: "all" }, schema));

const uuids = [1, 2, 3, 4].map((n) => parseUuid(`00000000-0000-4000-8000-00000000000${n}`));
const keys = ["a", "b", "c"];
const row: fc.Arbitrary<AnyRow> = fc.record({
  name: fc.constantFrom("a", "b", undefined),
  tags: fc.uniqueArray(fc.constantFrom(...keys)).map((tags) => new Set(tags)),
});
/** The rows of one moment. The updates between two moments are those that a server would send. */
const moment = fc
  .tuple(...uuids.map((uuid) => fc.option(fc.tuple(fc.constant(uuid), row))))
  .map((entries) => new Map(entries.filter((entry) => entry !== null)));
type Moment = ReadonlyMap<Uuid, AnyRow>;

function updatesBetween(before: Moment, after: Moment): readonly RowUpdate[] {
  return ["T", "U"].flatMap((name) =>
    uuids.flatMap((uuid): readonly RowUpdate[] => {
      const [old, next] = [before.get(uuid), after.get(uuid)];
      if (next === undefined) return old === undefined ? [] : [{ table: name, uuid, kind: "delete" }];
      return [{ table: name, uuid, kind: old === undefined ? "insert" : "replace", row: next }];
    }),
  );
}

const namesOf = ({ name }: AnyRow): string[] => (typeof name === "string" ? [name] : []);
const tagsOf = ({ tags }: AnyRow): ReadonlySet<string> => tags as ReadonlySet<string>;

test("at every step of any sequence of updates an index has what a search would find", () => {
  const start = fc.nat(6);
  fc.assert(
    fc.property(fc.array(moment, { maxLength: 8 }), start, (moments, indexedFrom) => {
      const rows = newTables();
      const add = (): ((key: string) => readonly ReadonlyMap<Uuid, AnyRow>[]) => {
        const [byName, byTag] = [rows.index("T", namesOf), rows.index("T", tagsOf)];
        return (key) => [byName.get(key), byTag.get(key)];
      };
      let found = add();
      let before: Moment = new Map();
      for (const [n, after] of moments.entries()) {
        rows.apply(updatesBetween(before, after));
        if (n === indexedFrom) found = add();
        for (const key of keys) {
          const search = (keysOf: (row: AnyRow) => Iterable<string>) =>
            new Map([...after].filter(([, value]) => [...keysOf(value)].includes(key)));
          expect(found(key)).toEqual([search(namesOf), search(tagsOf)]);
        }
        before = after;
      }
    }),
  );
});

const put = (...entries: readonly (readonly [number, string])[]): RowUpdate[] =>
  entries.map(([n, name]) => ({ table: "T", uuid: uuids[n] as Uuid, kind: "insert", row: { name, tags: new Set() } }));

test("listeners find the index as current as the table", () => {
  const rows = newTables();
  using index = rows.index("T", namesOf);
  const found: number[] = [];
  using _listening = rows.changes.add(() => found.push(index.get("a").size));
  rows.replace(put([0, "a"]));
  rows.replace(put([0, "a"], [1, "a"], [2, "a"]));
  rows.replace([]);
  expect(found).toEqual([1, 3, 0]);
});

test("an index that was disposed of stays as it was, and ends the waits for it", async () => {
  const rows = newTables();
  const index = rows.index("T", namesOf);
  const waiting = expect(index.until("a")).rejects.toMatchObject({ code: "CORE__ABORTED" });
  index[Symbol.dispose]();
  rows.replace(put([0, "a"]));
  expect(index.get("a").size).toBe(0);
  await waiting;
});

test("a row under a key is waited for, and only rows under that key are asked about", async () => {
  const rows = newTables();
  using index = rows.index("T", namesOf);
  const asked: AnyRow[] = [];
  const waiting = index.until("a", (candidate, uuid) => asked.push(candidate) > 0 && uuid === uuids[2]);
  rows.replace(put([0, "b"]));
  rows.replace(put([0, "b"], [1, "a"]));
  rows.replace(put([0, "c"], [1, "a"]));
  rows.replace(put([0, "c"]));
  expect(asked).toHaveLength(1);
  rows.replace(put([0, "c"], [2, "a"]));
  expect(await waiting).toEqual({ uuid: uuids[2], row: { name: "a", tags: new Set() } });
  expect(asked).toHaveLength(2);
  expect(await index.until("a")).toMatchObject({ uuid: uuids[2] });
});

test("a wait under a key ends with the replica, and so does one that is begun later, unless the row is there", async () => {
  const rows = newTables();
  rows.replace(put([0, "a"]));
  using index = rows.index("T", namesOf);
  const waiting = expect(index.until("b")).rejects.toMatchObject({ code: "OVSDB__CLOSED" });
  rows.end(new LoomstackError("OVSDB__CLOSED", { remote: "unix:db.sock", what: "a replica" }));
  await waiting;
  await expect(index.until("b")).rejects.toMatchObject({ code: "OVSDB__CLOSED" });
  await expect(index.until("a")).resolves.toMatchObject({ uuid: uuids[0] });
  using late = rows.index("T", namesOf);
  await expect(late.until("b")).rejects.toMatchObject({ code: "OVSDB__CLOSED" });
});
