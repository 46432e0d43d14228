import { describe, expect, test } from "vitest";
import { abort, assert, comment, insert, type Operation, select, wait } from "../notation/operation.ts";
import { namedUuid } from "../notation/uuid.ts";
import type { RowInput } from "../schema/row-types.ts";
import { conformance, database } from "./schema.ts";
import type { Subject } from "./subject.ts";
import { otherUuid, refusalOf, value } from "./value-rows.ts";

const constrained = (row: RowInput<typeof conformance, "Constrained">): Operation =>
  insert(conformance, "Constrained", { few: new Set([1]), ...row });

/** What a server refuses, with which error, and that it undoes the rest (RFC 7047, 4.1.3). */
export function refusals(subject: Subject): void {
  describe("refusals", () => {
    const twice = insert(conformance, "Value", { name: "x" }, { uuid: otherUuid });
    const nowhere = new Set([otherUuid]);
    const unknown = (json: Operation["json"]): Operation => ({ ...comment(""), json });

    test.each<readonly [string, readonly Operation[], string, number]>([
      ["an integer out of range", [constrained({ level: 11 })], "OVSDB__CONSTRAINT_VIOLATION", 0],
      ["a real out of range", [constrained({ ratio: 1.5 })], "OVSDB__CONSTRAINT_VIOLATION", 0],
      ["a text too long", [constrained({ word: "words" })], "OVSDB__CONSTRAINT_VIOLATION", 0],
      [
        "a value that isn't one of those listed",
        [constrained({ color: "blue" as "red" })],
        "OVSDB__CONSTRAINT_VIOLATION",
        0,
      ],
      ["too many elements", [constrained({ few: new Set([1, 2, 3, 4]) })], "OVSDB__SYNTAX_ERROR", 0],
      ["too few elements", [constrained({ few: new Set() })], "OVSDB__SYNTAX_ERROR", 0],
      ["two rows with one name", [value("a"), value("a")], "OVSDB__CONSTRAINT_VIOLATION", 2],
      [
        "a second row where there may be one",
        [insert(conformance, "Only", {}), insert(conformance, "Only", {})],
        "OVSDB__CONSTRAINT_VIOLATION",
        2,
      ],
      [
        "a change of what only an insert may write",
        [value("a"), unknown({ op: "update", table: "Value", where: [], row: { name: "b" } })],
        "OVSDB__CONSTRAINT_VIOLATION",
        1,
      ],
      [
        "a reference to no row",
        [value("a"), insert(conformance, "Whole", { parts: nowhere })],
        "OVSDB__REFERENTIAL_INTEGRITY_VIOLATION",
        2,
      ],
      [
        "a UUID that is taken",
        [twice, { ...twice, json: { ...twice.json, row: { name: "y" } } }],
        "OVSDB__DUPLICATE_UUID",
        1,
      ],
      [
        "a uuid-name that is taken",
        [
          insert(conformance, "Value", { name: "x" }, { uuidName: namedUuid("n") }),
          insert(conformance, "Value", { name: "y" }, { uuidName: namedUuid("n") }),
        ],
        "OVSDB__DUPLICATE_UUID_NAME",
        1,
      ],
      [
        "a column that isn't there",
        [value("a"), unknown({ op: "insert", table: "Only", row: { ghost: 1 } })],
        "OVSDB__SYNTAX_ERROR",
        1,
      ],
      ["a table that isn't there", [unknown({ op: "delete", table: "Ghost", where: [] })], "OVSDB__SYNTAX_ERROR", 0],
      ["an operation that isn't there", [unknown({ op: "explode" })], "OVSDB__SYNTAX_ERROR", 0],
      ["an operation with too much in it", [unknown({ op: "abort", why: "x" })], "OVSDB__SYNTAX_ERROR", 0],
      [
        "a value of another type",
        [unknown({ op: "insert", table: "Only", row: { counter: "x" } })],
        "OVSDB__SYNTAX_ERROR",
        0,
      ],
      ["an abort", [value("a"), abort(), value("b")], "OVSDB__ABORTED", 1],
      ["a lock that isn't ours", [assert("nobodys")], "OVSDB__NOT_OWNER", 0],
      [
        "a wait for what isn't so",
        [value("a"), wait(conformance, "Value", [], ["name"], "!=", [{ name: "a" }])],
        "OVSDB__TIMED_OUT",
        1,
      ],
    ])("%s undoes everything, and the error says where it was", async (_, operations, code, index) => {
      const client = await subject.connect();
      expect(await refusalOf(client, operations)).toEqual([code, index]);
      const counts = await client.transact(database, [
        select(conformance, "Value", [], ["name"]),
        select(conformance, "Only", [], ["counter"]),
        select(conformance, "Constrained", [], ["level"]),
      ]);
      expect(counts.map(({ rows }) => rows.length)).toEqual([0, 0, 0]);
    });

    test("a database that isn't there is refused, and the connection goes on", async () => {
      const client = await subject.connect();
      await expect(client.transact("Ghost", [])).rejects.toMatchObject({ code: "OVSDB__UNKNOWN_DATABASE" });
      await expect(client.transact(database, [])).resolves.toEqual([]);
    });
  });
}
