import type { Uuid } from "@loomstack/core";
import { describe, expect, test } from "vitest";
import { insert, mutate, remove, update } from "../notation/operation.ts";
import { namedUuid } from "../notation/uuid.ts";
import type { RowPatch } from "../schema/row-types.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import { conformance, database } from "./schema.ts";
import type { Subject } from "./subject.ts";
import { named, uuid, value } from "./value-rows.ts";

type Values = typeof conformance;
type Patch = RowPatch<Values, "Value">;

const pairs = (...entries: readonly (readonly [string, string])[]): ReadonlyMap<string, string> => new Map(entries);

/** That replicas show what the server holds, and tell what changes. */
export function monitors(subject: Subject): void {
  describe("monitors", () => {
    test("the replica shows what was there, and each transaction of its client when that resolves", async () => {
      const [client, other] = [await subject.connect(), await subject.connect()];
      await other.transact(database, [value("old", { integer_set: new Set([1, 2n ** 60n]) })]);
      await using replica = await client.monitor(conformance, { Value: ["name", "integer_set"], Part: "all" });
      expect(replica.missing).toEqual([]);
      expect([...replica.table("Value").values()]).toEqual([{ name: "old", integer_set: new Set([1, 2n ** 60n]) }]);
      const part = namedUuid("p");
      const [{ uuid: id }, { uuid: partId }] = await client.transact(database, [
        value("new"),
        insert(conformance, "Part", { name: "ü € 𝄞" }, { uuidName: part }),
        insert(conformance, "Whole", { parts: new Set([part]) }),
      ]);
      expect(replica.table("Value").get(id)).toEqual({ name: "new", integer_set: new Set() });
      expect(replica.table("Part").get(partId)).toEqual({ name: "ü € 𝄞", parts: new Set() });
      await client.transact(database, [remove(conformance, "Value", []), remove(conformance, "Whole", [])]);
      expect([replica.table("Value").size, replica.table("Part").size]).toEqual([0, 0]);
    });

    test("another client's transactions are told one by one, with what the rows were before", async () => {
      const [client, other] = [await subject.connect(), await subject.connect()];
      await using replica = await client.monitor(conformance, { Value: ["name", "string_map", "integer_optional"] });
      const told: unknown[] = [];
      using _listening = replica.changes.add((changes) => {
        told.push(changes.map(({ table, before, after }) => [table, before, after]));
      });
      await other.transact(database, [value("a", { string_map: pairs(["k", "v"], ["l", "v"]) })]);
      await other.transact(database, [
        mutate(conformance, "Value", [], [["string_map", "delete", new Set(["k"])]]),
        update(conformance, "Value", [], { integer_optional: 2n ** 60n }),
      ]);
      // Not monitored: nobody is told.
      await other.transact(database, [update(conformance, "Value", [], { real_one: 2 })]);
      await other.transact(database, [update(conformance, "Value", [], { integer_optional: undefined })]);
      await other.transact(database, [remove(conformance, "Value", [])]);
      await replica.until(() => told.length === 4);
      const [first, second] = [
        { name: "a", string_map: pairs(["k", "v"], ["l", "v"]), integer_optional: undefined },
        { name: "a", string_map: pairs(["l", "v"]), integer_optional: 2n ** 60n },
      ];
      const third = { ...second, integer_optional: undefined };
      expect(told).toEqual([
        [["Value", undefined, first]],
        [["Value", first, second]],
        [["Value", second, third]],
        [["Value", third, undefined]],
      ]);
    });

    test.each<readonly [string, Patch, Patch]>([
      ["an integer", { integer_one: 1 }, { integer_one: -(2n ** 63n) }],
      ["an optional integer", { integer_optional: 0 }, { integer_optional: undefined }],
      ["a set of integers", { integer_set: new Set([1, 2n ** 60n]) }, { integer_set: new Set([2n ** 60n, 3]) }],
      [
        "a map of integers",
        {
          integer_map: new Map([
            [1, 1],
            [2, 2],
          ]),
        },
        {
          integer_map: new Map([
            [2, 3],
            [4, 4],
          ]),
        },
      ],
      ["a real", { real_one: 0.5 }, { real_one: 0 }],
      ["a set of reals", { real_set: new Set([0.5, 1]) }, { real_set: new Set([1, 2.5]) }],
      ["a boolean", { boolean_one: true }, { boolean_one: false }],
      ["a set of booleans", { boolean_set: new Set([true]) }, { boolean_set: new Set([false]) }],
      ["a map by booleans", { boolean_map: new Map([[true, "x"]]) }, { boolean_map: new Map([[true, "y"]]) }],
      ["a text", { string_one: "a" }, { string_one: "€" }],
      ["an optional text", { string_optional: undefined }, { string_optional: "" }],
      ["a set of texts", { string_set: new Set(["a", "b"]) }, { string_set: new Set(["b"]) }],
      ["a map of texts", { string_map: pairs(["k", "v"], ["l", ""]) }, { string_map: pairs(["k", "w"], ["m", "v"]) }],
      ["a map of texts, emptied", { string_map: pairs(["k", "v"]) }, { string_map: pairs() }],
      ["a UUID", { uuid_one: uuid }, { uuid_one: "00000000-0000-0000-0000-000000000000" as Uuid }],
      ["a set of UUIDs", { uuid_set: new Set([uuid]) }, { uuid_set: new Set() }],
      ["a map by UUIDs", { uuid_map: new Map([[uuid, true]]) }, { uuid_map: new Map([[uuid, false]]) }],
      ["a map of at most one", { optional_map: new Map([["k", 1]]) }, { optional_map: new Map([["l", 1]]) }],
    ])("a change of %s is in the replica as it was written, to and fro", async (_, one, other) => {
      const client = await subject.connect();
      await using replica = await client.monitor(conformance, { Value: "all" });
      const [{ uuid: id }] = await client.transact(database, [value("row", one)]);
      const untouched = { ...replica.table("Value").get(id) };
      for (const patch of [other, one, one]) {
        await client.transact(database, [update(conformance, "Value", [], patch)]);
        expect(replica.table("Value").get(id)).toEqual({ ...untouched, ...patch });
      }
    });

    test("several replicas of one client are kept apart, and one that was disposed of stays as it was", async () => {
      const client = await subject.connect();
      const first = await client.monitor(conformance, { Value: ["name"] });
      await using second = await client.monitor(conformance, { Value: ["name", "integer_one"], Only: "all" });
      await client.transact(database, [value("a", { integer_one: 1 })]);
      const waiting = first.until(() => false);
      await Promise.all([
        expect(waiting).rejects.toMatchObject({ code: "OVSDB__CLOSED" }),
        first[Symbol.asyncDispose](),
      ]);
      await client.transact(database, [value("b"), insert(conformance, "Only", { counter: 7 })]);
      expect([...first.table("Value").values()]).toEqual([{ name: "a" }]);
      expect([...second.table("Value").values()].map(({ name }) => name).sort()).toEqual(["a", "b"]);
      expect([...second.table("Only").values()]).toEqual([{ counter: 7 }]);
    });

    test("an index finds rows that were there and new ones, and loses those that go", async () => {
      const client = await subject.connect();
      await client.transact(database, [value("a")]);
      await using replica = await client.monitor(conformance, { Value: ["name", "integer_one"] });
      using byName = replica.index("Value", ({ name }) => name);
      using byNumber = replica.index("Value", ({ integer_one }) => integer_one);
      await client.transact(database, [value("b", { integer_one: 7 })]);
      await client.transact(database, [update(conformance, "Value", named("a"), { integer_one: 7 })]);
      expect([...byName.get("a").values()]).toEqual([{ name: "a", integer_one: 7 }]);
      expect([byNumber.get(0).size, byNumber.get(7).size]).toEqual([0, 2]);
      await client.transact(database, [remove(conformance, "Value", [])]);
      expect([byName.get("a").size, byName.get("b").size, byNumber.get(7).size]).toEqual([0, 0, 0]);
    });

    test("waiting for rows can be given up, and fails with what it throws", async () => {
      const client = await subject.connect();
      await using replica = await client.monitor(conformance, { Value: ["name"] });
      const giveUp = new AbortController();
      const waiting = replica.until(() => false, giveUp.signal);
      giveUp.abort();
      await expect(waiting).rejects.toMatchObject({ code: "CORE__ABORTED" });
      await expect(replica.until(() => JSON.parse("{") as boolean)).rejects.toThrow(SyntaxError);
    });

    test("what our schema has and the server's doesn't is missing, and reads as its default", async () => {
      const client = await subject.connect();
      const text = { key: { type: "string" }, min: 1, max: 1 } as const;
      const columns = { name: text, integer_one: text, later: { ...text, max: 9 } } as const;
      const tables = { Value: { columns, isRoot: true }, Later: { columns, isRoot: true } } as const;
      const newer = { ...conformance, tables } as const satisfies DatabaseSchema;
      await client.transact(database, [value("a", { integer_one: 7 })]);
      await using replica = await client.monitor(newer, { Value: "all", Later: "all" });
      expect(replica.missing).toEqual(["Value.integer_one", "Value.later", "Later"]);
      expect([...replica.table("Value").values()]).toEqual([{ name: "a", integer_one: "", later: new Set([""]) }]);
      expect(replica.table("Later").size).toBe(0);
    });
  });
}
