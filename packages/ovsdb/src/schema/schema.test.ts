import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseJson } from "../notation/json.ts";
import { formatSchema } from "./format-schema.ts";
import { hardwareVtep } from "./hardware-vtep.generated.ts";
import { openVswitch } from "./open-vswitch.generated.ts";
import { ovnNorthbound } from "./ovn-northbound.generated.ts";
import { ovnSouthbound } from "./ovn-southbound.generated.ts";
import { parseSchema } from "./parse-schema.ts";
import type { DatabaseSchema } from "./schema.ts";
import { serverDatabase } from "./server.generated.ts";

describe.each<readonly [string, DatabaseSchema]>([
  ["vswitch", openVswitch],
  ["_server", serverDatabase],
  ["vtep", hardwareVtep],
  ["ovn-nb", ovnNorthbound],
  ["ovn-sb", ovnSouthbound],
])("the schema in %s.ovsschema", (name, constant) => {
  const file = new URL(`../../schemas/${name}.ovsschema`, import.meta.url);

  test("is what the generated constant says", () => {
    expect(parseSchema(parseJson(readFileSync(file, "utf8")))).toEqual(constant);
  });

  test("survives being formatted and read again", () => {
    expect(parseSchema(formatSchema(constant))).toEqual(constant);
  });
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
