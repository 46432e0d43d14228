import fc from "fast-check";
import { expect, test } from "vitest";
import type { BaseType, ColumnSchema } from "../schema/schema.ts";
import { type Atom, canonicalInteger, decodeAtom, encodeAtom } from "./atom.ts";
import { parseJson, stringifyJson } from "./json.ts";
import { namedUuid } from "./uuid.ts";
import { type ColumnValue, decodeValue, defaultValue, encodeValue, shapeOf, valuesEqual } from "./value.ts";

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(canonicalInteger);
const atoms: Readonly<Record<BaseType["type"], fc.Arbitrary<Atom>>> = {
  integer: fc.oneof(int64, fc.maxSafeInteger()),
  real: fc.double({ noNaN: true, noDefaultInfinity: true }).map((real) => real + 0),
  boolean: fc.boolean(),
  string: fc.string({ unit: "binary" }).filter((text) => !text.includes("\0")),
  uuid: fc.uuid(),
};
const baseType: fc.Arbitrary<BaseType> = fc.record({
  type: fc.constantFrom(...(Object.keys(atoms) as BaseType["type"][])),
});
const cardinality = fc.constantFrom(
  { min: 0, max: 1 },
  { min: 1, max: 1 },
  { min: 0, max: "unlimited" as const },
  { min: 1, max: 5 },
);
const column: fc.Arbitrary<ColumnSchema> = fc
  .tuple(baseType, fc.option(baseType), cardinality)
  .map(([key, value, size]) => ({ key, ...(value === null ? {} : { value }), ...size }));

function valueIn(type: ColumnSchema): fc.Arbitrary<ColumnValue> {
  const key = atoms[type.key.type];
  switch (shapeOf(type)) {
    case "scalar":
      return key;
    case "optional":
      return fc.option(key, { nil: undefined });
    case "set":
      return fc.array(key).map((elements) => new Set(elements));
    case "map":
      return fc.array(fc.tuple(key, atoms[type.value?.type ?? "string"])).map((pairs) => new Map(pairs));
  }
}

const columnWithValue = column.chain((type) => fc.tuple(fc.constant(type), valueIn(type)));

test("any value of any type of column survives the way to text and back", () => {
  fc.assert(
    fc.property(columnWithValue, ([type, value]) => {
      const text = stringifyJson(encodeValue(type, value, "T.c"));
      expect(decodeValue(type, parseJson(text), "T.c")).toEqual(value);
    }),
    { numRuns: 500 },
  );
});

test("values are equal when they have the same elements, in any order", () => {
  fc.assert(
    fc.property(fc.uniqueArray(int64), (elements) => {
      const set = new Set(elements);
      const map = new Map<Atom, Atom>(elements.map((element) => [element, "x"]));
      expect(valuesEqual(set, new Set(elements.toReversed()))).toBe(true);
      expect(valuesEqual(set, new Set([...elements, "one more"]))).toBe(false);
      expect(valuesEqual(map, new Map([...map].toReversed()))).toBe(true);
      expect(valuesEqual(new Map(map).set("k", "a"), new Map(map).set("k", "b"))).toBe(false);
    }),
  );
});

test("a set of one element may be written as that element", () => {
  const set: ColumnSchema = { key: { type: "string" }, min: 0, max: "unlimited" };
  expect(decodeValue(set, "one", "T.c")).toEqual(new Set(["one"]));
  expect(decodeValue({ ...set, max: 1 }, ["set", ["one"]], "T.c")).toBe("one");
  expect(decodeValue({ ...set, max: 1 }, ["set", []], "T.c")).toBeUndefined();
});

test("integers keep their digits: a number up to 2^53, a bigint beyond", () => {
  const integer: BaseType = { type: "integer" };
  expect(decodeAtom(integer, parseJson("9007199254740993"), "T.c")).toBe(9007199254740993n);
  expect(decodeAtom(integer, parseJson("-9223372036854775808"), "T.c")).toBe(-(2n ** 63n));
  expect(decodeAtom(integer, parseJson("9007199254740991"), "T.c")).toBe(9007199254740991);
  expect(stringifyJson(encodeAtom(integer, 9223372036854775807n, "T.c"))).toBe("9223372036854775807");
  expect(encodeAtom(integer, 7n, "T.c")).toBe(7);
});

test.each<readonly [BaseType["type"], unknown]>([
  ["integer", 2 ** 53],
  ["integer", 1.5],
  ["integer", 2n ** 63n],
  ["integer", "7"],
  ["real", Number.NaN],
  ["real", Infinity],
  ["boolean", 0],
  ["string", "zero \0 byte"],
  ["string", "half \ud83d pair"],
  ["uuid", "not a uuid"],
])("nothing is sent as %s for %o", (type, value) => {
  expect(() => encodeAtom({ type }, value, "T.c")).toThrow("T.c can't hold this value");
});

test.each<readonly [BaseType["type"], string]>([
  ["integer", "1.5"],
  ["integer", "9223372036854775808"],
  ["integer", '"7"'],
  ["real", "null"],
  ["boolean", "1"],
  ["string", '["uuid","x"]'],
  ["uuid", '["uuid","x"]'],
  ["uuid", '["named-uuid","x"]'],
])("%s isn't read from %s", (type, text) => {
  expect(() => decodeAtom({ type }, parseJson(text), "T.c")).toThrow("T.c was sent wrongly");
});

test.each(['["set"]', '["set",1]', '["set",[[]]]', '["set",["a",1]]', "{}", "null"])(
  "a set of strings isn't read from %s",
  (text) => {
    expect(() => decodeValue({ key: { type: "string" }, min: 0, max: 9 }, parseJson(text), "T.c")).toThrow(
      "T.c was sent wrongly",
    );
  },
);

test.each(['["map"]', '["map",[["a"]]]', '["map",["ab"]]', '["set",[]]', "[]", '"a"'])(
  "a map of strings isn't read from %s",
  (text) => {
    const map: ColumnSchema = { key: { type: "string" }, value: { type: "string" }, min: 0, max: 9 };
    expect(() => decodeValue(map, parseJson(text), "T.c")).toThrow("T.c was sent wrongly");
  },
);

test("a uuid-name is an identifier, and is written as one", () => {
  expect(encodeAtom({ type: "uuid" }, namedUuid("row_1"), "T.c")).toEqual(["named-uuid", "row_1"]);
  expect(() => namedUuid("1row")).toThrow("uuid-name can't hold this value");
  expect(() => namedUuid("br-int")).toThrow("uuid-name can't hold this value");
});

test("a column that nobody has set holds the default of its type", () => {
  const integer: BaseType = { type: "integer" };
  expect(defaultValue({ key: integer, min: 1, max: 1 })).toBe(0);
  expect(defaultValue({ key: integer, min: 0, max: 1 })).toBeUndefined();
  expect(defaultValue({ key: integer, min: 1, max: "unlimited" })).toEqual(new Set([0]));
  expect(defaultValue({ key: integer, value: { type: "string" }, min: 0, max: 1 })).toEqual(new Map());
});
