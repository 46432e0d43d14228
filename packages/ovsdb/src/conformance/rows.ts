import { describe, expect, test } from "vitest";
import { insert, mutate, remove, select, update } from "../notation/operation.ts";
import { namedUuid } from "../notation/uuid.ts";
import { defaultValue } from "../notation/value.ts";
import { conformance, database } from "./schema.ts";
import type { Subject } from "./subject.ts";
import { named, namesWhere, otherUuid, uuid, value, type ValueInput } from "./value-rows.ts";

const columns = Object.keys(conformance.tables.Value.columns) as (keyof typeof conformance.tables.Value.columns)[];

/** A row with something in every column. */
const full = {
  name: "full",
  integer_one: -(2n ** 63n),
  integer_optional: 9007199254740993n,
  integer_set: new Set([0, -1, 2n ** 63n - 1n]),
  integer_map: new Map<number | bigint, number | bigint>([[1, 2n ** 60n]]),
  real_one: 0.1,
  real_optional: -1e-300,
  real_set: new Set([1, 1.5, 1e300]),
  real_map: new Map([[0.5, 3]]),
  boolean_one: true,
  boolean_optional: false,
  boolean_set: new Set([true, false]),
  boolean_map: new Map([[true, "yes"]]),
  string_one: 'ü € 𝄞 "quoted" \\ \u0001 \n',
  string_optional: "",
  string_set: new Set(["a", "", "set"]),
  string_map: new Map([["map", "uuid"]]),
  uuid_one: uuid,
  uuid_optional: uuid,
  uuid_set: new Set([uuid, otherUuid]),
  uuid_map: new Map([[uuid, true]]),
  optional_map: new Map([["k", 7]]),
} as const satisfies ValueInput;

/** What inserts, updates, deletions and selections do to rows (RFC 7047, 5.2). */
export function rows(subject: Subject): void {
  describe("rows", () => {
    test("every column holds what was written, to the last digit", async () => {
      const client = await subject.connect();
      const [{ uuid: id }] = await client.transact(database, [value("full", full)]);
      const [{ rows }] = await client.transact(database, [
        select(conformance, "Value", [["_uuid", "==", id]], ["_uuid", ...columns]),
      ]);
      expect(rows).toEqual([{ _uuid: id, ...full }]);
    });

    test("what wasn't written has the default of its type", async () => {
      const client = await subject.connect();
      await client.transact(database, [value("empty")]);
      const [{ rows }] = await client.transact(database, [select(conformance, "Value", [], columns)]);
      const defaults = columns.map((name) => [name, defaultValue(conformance.tables.Value.columns[name])] as const);
      expect(rows).toEqual([{ ...Object.fromEntries(defaults), name: "empty" }]);
    });

    test("an update writes some columns of the rows that match, and says how many those were", async () => {
      const client = await subject.connect();
      const { name: _, ...rest } = full;
      const [, , { count }, none] = await client.transact(database, [
        value("a"),
        value("b"),
        update(conformance, "Value", named("a"), rest),
        update(conformance, "Value", named("nobody"), { integer_one: 1 }),
      ]);
      expect([count, none.count]).toEqual([1, 0]);
      const [{ rows }] = await client.transact(database, [select(conformance, "Value", named("a"), columns)]);
      expect(rows).toEqual([{ ...full, name: "a" }]);
      expect(await namesWhere(client, [["integer_one", "==", 0]])).toEqual(["b"]);
    });

    test("a deletion deletes the rows that match, and says how many those were", async () => {
      const client = await subject.connect();
      await client.transact(
        database,
        ["a", "b", "c"].map((name) => value(name)),
      );
      const [{ count }] = await client.transact(database, [remove(conformance, "Value", [["name", "!=", "b"]])]);
      expect(count).toBe(2);
      expect(await namesWhere(client, [])).toEqual(["b"]);
    });

    test("a uuid-name stands for its row before and after the insert, and a UUID can be chosen", async () => {
      const client = await subject.connect();
      const [{ uuid: whole }, { uuid: part }, chosen] = await client.transact(database, [
        insert(conformance, "Whole", { parts: new Set([namedUuid("p")]), favourite: namedUuid("p") }),
        insert(conformance, "Part", { name: "p" }, { uuidName: namedUuid("p") }),
        insert(conformance, "Value", { name: "chosen" }, { uuid: otherUuid }),
        mutate(conformance, "Whole", [], [["named_parts", "insert", new Map([["p", namedUuid("p")]])]]),
      ]);
      expect(chosen.uuid).toBe(otherUuid);
      const [{ rows }] = await client.transact(database, [
        select(conformance, "Whole", [], ["_uuid", "parts", "named_parts", "favourite"]),
      ]);
      const parts = { parts: new Set([part]), named_parts: new Map([["p", part]]), favourite: part };
      expect(rows).toEqual([{ _uuid: whole, ...parts }]);
    });

    test("parts that nothing refers to any more are gone, and so are weak references to them", async () => {
      const client = await subject.connect();
      const [p, q] = [namedUuid("p"), namedUuid("q")];
      await client.transact(database, [
        insert(conformance, "Part", { name: "p", parts: new Set([q]) }, { uuidName: p }),
        insert(conformance, "Part", { name: "q" }, { uuidName: q }),
        insert(conformance, "Part", { name: "nobody's" }),
        insert(conformance, "Whole", { parts: new Set([p]), favourite: q }),
      ]);
      const parts = select(conformance, "Part", [], ["name"]);
      const favourite = select(conformance, "Whole", [], ["favourite"]);
      expect((await client.transact(database, [parts]))[0].rows).toHaveLength(2);
      await client.transact(database, [update(conformance, "Whole", [], { parts: new Set() })]);
      const [left, whole] = await client.transact(database, [parts, favourite]);
      expect([left.rows, whole.rows]).toEqual([[], [{ favourite: undefined }]]);
    });

    test("thousands of rows and long texts pass", async () => {
      const client = await subject.connect();
      const long = "€".repeat(400_000);
      const many = Array.from({ length: 2_000 }, (_, n) => value(`many ${n}`));
      const results = await client.transact(database, [...many, value("long", { string_one: long })]);
      expect(results).toHaveLength(2_001);
      const [{ rows }] = await client.transact(database, [
        select(conformance, "Value", [["string_one", "!=", ""]], ["string_one"]),
      ]);
      expect(rows).toEqual([{ string_one: long }]);
    });

    test("transactions that are sent without waiting are carried out in their order", async () => {
      const client = await subject.connect();
      await client.transact(database, [insert(conformance, "Only", {})]);
      const counts = await Promise.all(
        Array.from({ length: 100 }, async () => {
          const [, { rows }] = await client.transact(database, [
            mutate(conformance, "Only", [], [["counter", "+=", 1]]),
            select(conformance, "Only", [], ["counter"]),
          ]);
          return rows[0]?.counter;
        }),
      );
      expect(counts).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
    });
  });
}
