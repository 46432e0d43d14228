import fc from "fast-check";
import { expect, test } from "vitest";
import type { ColumnSchema } from "../schema/schema.ts";
import { applyDifference, differenceOf } from "./difference.ts";

const set: ColumnSchema = { key: { type: "string" }, min: 0, max: "unlimited" };
const map: ColumnSchema = { ...set, value: { type: "string" } };
const few = fc.constantFrom("a", "b", "c", "d");
const sets = fc.array(few).map((elements) => new Set(elements));
const maps = fc.array(fc.tuple(few, few)).map((pairs) => new Map(pairs));

test("a difference makes the new value of the old one", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.tuple(fc.constant(set), sets, sets), fc.tuple(fc.constant(map), maps, maps)),
      ([column, old, next]) => {
        expect(applyDifference(column, old, differenceOf(column, old, next))).toEqual(next);
      },
    ),
  );
});

test("a difference holds no more than what differs", () => {
  expect(differenceOf(set, new Set(["a", "b"]), new Set(["b", "c"]))).toEqual(new Set(["a", "c"]));
  expect(
    differenceOf(
      map,
      new Map([
        ["a", "1"],
        ["b", "1"],
        ["c", "1"],
      ]),
      new Map([
        ["b", "1"],
        ["c", "2"],
        ["d", "1"],
      ]),
    ),
  ).toEqual(
    new Map([
      ["a", "1"],
      ["c", "2"],
      ["d", "1"],
    ]),
  );
});

test("what holds at most one element on the server is told anew, also where we have a set", () => {
  expect(applyDifference({ ...set, max: 1 }, new Set(["a"]), new Set(["a"]))).toEqual(new Set(["a"]));
});
