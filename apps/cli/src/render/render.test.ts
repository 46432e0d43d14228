import { expect, test } from "vitest";
import { Output } from "../output.ts";
import { PassThrough } from "node:stream";
import { formatJson, plainValue } from "./json.ts";
import { formatSheet, type Presentation, presentationOf } from "./presentation.ts";
import { formatValue } from "./value.ts";

const plain: Presentation = {
  format: "auto",
  isPretty: false,
  hasHeadings: true,
  isColoured: false,
  columns: undefined,
};
const sheet = {
  caption: "Bridge table",
  headings: ["name", "ports"],
  rows: [
    ["br0", "[]"],
    ["a-long-name", "[1, 2]"],
  ],
};

test("a table has aligned columns under underlined headings, and no blanks at the ends of lines", () => {
  expect(formatSheet(sheet, plain)).toBe(
    "Bridge table\nname        ports\n----------- ------\nbr0         []\na-long-name [1, 2]\n",
  );
  expect(formatSheet(sheet, { ...plain, hasHeadings: false })).toBe(
    "Bridge table\nbr0         []\na-long-name [1, 2]\n",
  );
});

test("what takes two columns of a terminal is given two, a combining mark none", () => {
  const names = ["日本", "é", "e\u0301", "abcd"];
  const { rows } = { rows: names.map((name) => [name, "|"]) };
  expect(formatSheet({ headings: ["n", "x"], rows }, { ...plain, hasHeadings: false })).toBe(
    "日本 |\né    |\ne\u0301    |\nabcd |\n",
  );
});

test("a table that is wider than the terminal becomes a list, unless a table is asked for", () => {
  const list = "Bridge table\nname  : br0\nports : []\n\nname  : a-long-name\nports : [1, 2]\n";
  expect(formatSheet(sheet, { ...plain, columns: 17 })).toBe(list);
  expect(formatSheet(sheet, { ...plain, columns: 18 })).toMatch(/^Bridge table\nname +ports\n/);
  expect(formatSheet(sheet, { ...plain, columns: 17, format: "table" })).toMatch(/^Bridge table\nname +ports\n/);
  expect(formatSheet(sheet, { ...plain, format: "list" })).toBe(list);
});

test("CSV quotes what has to be quoted", () => {
  const rows = [['{a="x y", b=1}', "br0"]];
  expect(formatSheet({ headings: ["ids", "name"], rows }, { ...plain, format: "csv" })).toBe(
    'ids,name\n"{a=""x y"", b=1}",br0\n',
  );
});

test("headings are bold on a terminal whose person doesn't refuse colours", () => {
  const options = { headings: true, color: true };
  const terminal = new Output(Object.assign(new PassThrough(), { isTTY: true, columns: 80 }), () => undefined);
  const pipe = new Output(new PassThrough(), () => undefined);
  const styleOf = (output: Output, color: boolean, isColourRefused: boolean): boolean =>
    presentationOf({ ...options, color }, { output, isColourRefused }).isColoured;
  expect(styleOf(terminal, true, false)).toBe(true);
  expect([styleOf(terminal, false, false), styleOf(terminal, true, true), styleOf(pipe, true, false)]).toEqual([
    false,
    false,
    false,
  ]);
  expect(formatSheet(sheet, { ...plain, isColoured: true })).toContain("\u001b[1mname        ports\u001b[22m\n");
});

const text = { key: { type: "string" }, min: 0, max: "unlimited" } as const;

test("values are written as ovs-vsctl writes them", () => {
  const string = { ...text, min: 1, max: 1 } as const;
  expect(["br-int.1", "", "1a", "true", "a b", 'say "x"'].map((value) => formatValue(string, value))).toEqual([
    "br-int.1",
    '""',
    '"1a"',
    '"true"',
    '"a b"',
    String.raw`"say \"x\""`,
  ]);
  expect(formatValue(string, "0b4b3a4c-8c0a-4d0e-9d5c-1f2e3d4c5b6a")).toBe('"0b4b3a4c-8c0a-4d0e-9d5c-1f2e3d4c5b6a"');
  expect(formatValue(text, new Set(["b", "a"]))).toBe("[a, b]");
  expect(formatValue({ ...text, max: 1 }, undefined)).toBe("[]");
  expect(formatValue({ ...text, value: { type: "integer" } }, new Map([["k", 2n ** 62n]]))).toBe(
    "{k=4611686018427387904}",
  );
  expect(formatValue({ key: { type: "integer" }, min: 0, max: "unlimited" }, new Set([10, 9, 2n ** 60n]))).toBe(
    "[9, 10, 1152921504606846976]",
  );
});

test("a terminal is never given control characters or turned text", () => {
  expect(formatValue({ ...text, max: 1, min: 1 }, "\u001b[31m\u009b\u202e")).toBe(String.raw`"\u001b[31m\u009b\u202e"`);
  const json = formatJson({ a: "\u0085\u{e0001}" }, true);
  expect(json).toBe('{\n  "a": "\\u0085\\udb40\\udc01"\n}\n');
  expect(JSON.parse(json)).toEqual({ a: "\u0085\u{e0001}" });
});

test("plain JSON has arrays for sets, objects for maps, null for nothing, and all digits", () => {
  const value = {
    set: plainValue(new Set([2, 1])),
    map: plainValue(new Map([[1, "one"]])),
    none: plainValue(undefined),
    integer: plainValue(9_007_199_254_740_993n),
  };
  expect(formatJson(value, false)).toBe('{"set":[1,2],"map":{"1":"one"},"none":null,"integer":9007199254740993}\n');
  expect(formatJson({ a: [], b: {}, c: [1, { d: 2 }] }, true)).toBe(
    '{\n  "a": [],\n  "b": {},\n  "c": [\n    1,\n    {\n      "d": 2\n    }\n  ]\n}\n',
  );
});
