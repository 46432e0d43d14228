import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseJson } from "../notation/json.ts";
import { formatSchema } from "./format-schema.ts";
import { generateSource } from "./generate-source.ts";
import { openVswitch } from "./open-vswitch.generated.ts";
import { parseSchema } from "./parse-schema.ts";

const vswitch = parseJson(readFileSync(new URL("../../schemas/vswitch.ovsschema", import.meta.url), "utf8"));

test("the generated constants are those of the schema, and their file is fresh", () => {
  expect(parseSchema(vswitch)).toEqual(openVswitch);
  const file = readFileSync(new URL("open-vswitch.generated.ts", import.meta.url), "utf8");
  expect(file).toBe(generateSource(parseSchema(vswitch), "openVswitch", "packages/ovsdb/schemas/vswitch.ovsschema"));
});

test("a schema survives being formatted and read again", () => {
  expect(parseSchema(formatSchema(openVswitch))).toEqual(openVswitch);
});

test("all forms of a type are read", () => {
  const columns = {
    short: { type: "integer" },
    one: { type: { key: { type: "string", enum: "only" }, max: 1 } },
    many: {
      type: {
        key: { type: "integer", minInteger: 0, maxInteger: parseJson("9223372036854775807"), enum: ["set", [1, 2]] },
        min: 0,
        max: "unlimited",
      },
    },
    weak: {
      type: { key: { type: "uuid", refTable: "T", refType: "weak" }, value: "real" },
      ephemeral: true,
      mutable: false,
    },
  };
  expect(
    parseSchema({
      name: "db",
      version: "1.0.0",
      tables: { T: { columns, isRoot: true, maxRows: 3, indexes: [["short", "one"]] } },
    }),
  ).toEqual({
    name: "db",
    version: "1.0.0",
    tables: {
      T: {
        columns: {
          short: { key: { type: "integer" }, min: 1, max: 1 },
          one: { key: { type: "string", enum: ["only"] }, min: 1, max: 1 },
          many: {
            key: { type: "integer", minInteger: 0, maxInteger: 9223372036854775807n, enum: [1, 2] },
            min: 0,
            max: "unlimited",
          },
          weak: {
            key: { type: "uuid", refTable: "T", refType: "weak" },
            value: { type: "real" },
            min: 1,
            max: 1,
            ephemeral: true,
            mutable: false,
          },
        },
        isRoot: true,
        maxRows: 3,
        indexes: [["short", "one"]],
      },
    },
  });
});

test("where no table is a root, all are", () => {
  expect(parseSchema({ name: "db", tables: { A: { columns: {} }, B: { columns: {} } } }).tables["A"]?.isRoot).toBe(
    true,
  );
  expect(
    parseSchema({ name: "db", tables: { A: { columns: {} }, B: { columns: {}, isRoot: true } } }).tables["A"]?.isRoot,
  ).toBe(false);
});

test.each([
  "[]",
  '{"name":"db"}',
  '{"name":"db","tables":{"T":1}}',
  '{"name":"db","tables":{"T":{"columns":{"c":{}}}}}',
  '{"name":"db","tables":{"T":{"columns":{"c":{"type":"text"}}}}}',
  '{"name":"db","tables":{"T":{"columns":{"c":{"type":{"key":"integer","min":2}}}}}}',
  '{"name":"db","tables":{"T":{"columns":{"c":{"type":{"key":"integer","max":"many"}}}}}}',
  '{"name":"db","tables":{"T":{"columns":{"c":{"type":{"key":{"type":"integer","enum":"one"}}}}}}}',
])("%s is not a schema", (text) => {
  expect(() => parseSchema(parseJson(text))).toThrow("the schema can't be read");
});
