import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import type { Mutation } from "../notation/mutation.ts";
import { mutate, select } from "../notation/operation.ts";
import { conformance, database } from "./schema.ts";
import type { Subject } from "./subject.ts";
import { named, namesWhere, refusalOf, uuid, value, type ValueCondition, type ValueInput } from "./value-rows.ts";

const columns = Object.keys(conformance.tables.Value.columns) as (keyof typeof conformance.tables.Value.columns)[];

/** The functions of conditions, and the mutators (RFC 7047, 5.1). */
export function functions(subject: Subject): void {
  describe("conditions", () => {
    const rows = [
      value("a", { integer_one: 1, integer_optional: 2n ** 60n, real_one: 0.5, string_optional: "x" }),
      value("b", {
        integer_one: 2,
        integer_set: new Set([1, 2]),
        string_map: new Map([["k", "v"]]),
        boolean_one: true,
      }),
      value("c", { integer_one: 3, integer_set: new Set([2]), string_map: new Map([["k", "w"]]), uuid_one: uuid }),
    ];

    const found: readonly (readonly [ValueCondition, string])[] = [
      [["name", "==", "a"], "a"],
      [["integer_one", "<", 2], "a"],
      [["integer_one", "<=", 2], "ab"],
      [["integer_one", ">", 2], "c"],
      [["integer_one", ">=", 2], "bc"],
      [["integer_one", "!=", 2], "ac"],
      [["integer_optional", ">", 2n ** 60n - 1n], "a"],
      [["integer_optional", "==", undefined], "bc"],
      [["integer_optional", "!=", undefined], "a"],
      [["real_one", ">", 0.25], "a"],
      [["boolean_one", "==", true], "b"],
      [["uuid_one", "==", uuid], "c"],
      [["string_optional", "includes", "x"], "a"],
      [["string_optional", "includes", undefined], "abc"],
      [["string_optional", "excludes", "x"], "bc"],
      [["integer_set", "==", new Set([2, 1])], "b"],
      [["integer_set", "!=", new Set([2])], "ab"],
      [["integer_set", "includes", new Set([2])], "bc"],
      [["integer_set", "includes", new Set([1, 2])], "b"],
      [["integer_set", "excludes", new Set([1])], "ac"],
      [["string_map", "==", new Map([["k", "v"]])], "b"],
      [["string_map", "includes", new Map([["k", "w"]])], "c"],
      [["string_map", "excludes", new Map([["k", "w"]])], "ab"],
    ];
    test.each(found.map((row) => [inspect(row[0]), ...row] as const))("%s", async (_, condition, names) => {
      const client = await subject.connect();
      await client.transact(database, rows);
      expect((await namesWhere(client, [condition])).join("")).toBe(names);
    });

    test("all of several conditions have to hold", async () => {
      const client = await subject.connect();
      await client.transact(database, rows);
      const all = [["integer_one", ">", 1] as const, ["integer_set", "includes", new Set([1])] as const];
      expect(await namesWhere(client, all)).toEqual(["b"]);
    });
  });

  describe("mutations", () => {
    const before = {
      integer_one: 7,
      integer_set: new Set([1, 2]),
      real_one: 1,
      string_set: new Set(["a", "b"]),
      string_map: new Map([
        ["k", "v"],
        ["l", "v"],
      ]),
    };

    const mutated: readonly (readonly [Mutation<typeof conformance, "Value">, ValueInput])[] = [
      [["integer_one", "+=", 2n ** 60n], { integer_one: 2n ** 60n + 7n }],
      [["integer_one", "-=", 8], { integer_one: -1 }],
      [["integer_one", "*=", -3], { integer_one: -21 }],
      [["integer_one", "/=", -2], { integer_one: -3 }],
      [["integer_one", "%=", 4], { integer_one: 3 }],
      [["real_one", "/=", 4], { real_one: 0.25 }],
      [["real_one", "+=", 0.5], { real_one: 1.5 }],
      [["integer_set", "+=", 1], { integer_set: new Set([2, 3]) }],
      [["integer_set", "insert", new Set([2, 5])], { integer_set: new Set([1, 2, 5]) }],
      [["string_set", "delete", new Set(["b", "c"])], { string_set: new Set(["a"]) }],
      [["string_set", "insert", new Set(["a"])], {}],
      [["string_optional", "insert", "x"], { string_optional: "x" }],
      [
        [
          "string_map",
          "insert",
          new Map([
            ["k", "other"],
            ["m", "w"],
          ]),
        ],
        { string_map: new Map([...before.string_map, ["m", "w"]]) },
      ],
      [["string_map", "delete", new Set(["k", "x"])], { string_map: new Map([["l", "v"]]) }],
      [
        [
          "string_map",
          "delete",
          new Map([
            ["k", "v"],
            ["l", "other"],
          ]),
        ],
        { string_map: new Map([["l", "v"]]) },
      ],
    ];
    test.each(mutated.map((row) => [inspect(row[0]), ...row] as const))("%s", async (_, mutation, after) => {
      const client = await subject.connect();
      const [, { count }, { rows }] = await client.transact(database, [
        value("row", before),
        mutate(conformance, "Value", named("row"), [mutation]),
        select(conformance, "Value", [], columns),
      ]);
      expect(count).toBe(1);
      expect(rows[0]).toMatchObject({ ...before, ...after });
    });

    test.each<readonly [string, Mutation<typeof conformance, "Value">, string]>([
      ["a division by zero", ["integer_one", "/=", 0], "OVSDB__DOMAIN_ERROR"],
      ["a remainder of zero", ["integer_one", "%=", 0], "OVSDB__DOMAIN_ERROR"],
      ["a sum beyond 64 bits", ["integer_one", "+=", 2n ** 63n - 1n], "OVSDB__RANGE_ERROR"],
      ["a product beyond 64 bits", ["integer_one", "*=", 2n ** 62n], "OVSDB__RANGE_ERROR"],
      ["too many elements", ["string_optional", "insert", "second"], "OVSDB__CONSTRAINT_VIOLATION"],
    ])("%s is refused", async (_, mutation, code) => {
      const client = await subject.connect();
      const row = value("row", { ...before, string_optional: "first" });
      expect(await refusalOf(client, [row, mutate(conformance, "Value", [], [mutation])])).toEqual([code, 1]);
      expect(await namesWhere(client, [])).toEqual([]);
    });
  });
}
