/** The database of the conformance suite: every base type in every shape, and every constraint that a schema can have. */
import type { DatabaseSchema } from "../schema/schema.ts";

const integer = { type: "integer" } as const;
const real = { type: "real" } as const;
const boolean = { type: "boolean" } as const;
const string = { type: "string" } as const;
const uuid = { type: "uuid" } as const;
const part = { type: "uuid", refTable: "Part" } as const;
const weakPart = { type: "uuid", refTable: "Part", refType: "weak" } as const;

const one = { min: 1, max: 1 } as const;
const optional = { min: 0, max: 1 } as const;
const several = { min: 0, max: "unlimited" } as const;

export const conformance = {
  name: "Conformance",
  version: "1.0.0",
  tables: {
    Value: {
      columns: {
        name: { key: string, ...one, mutable: false },
        integer_one: { key: integer, ...one },
        integer_optional: { key: integer, ...optional },
        integer_set: { key: integer, ...several },
        integer_map: { key: integer, value: integer, ...several },
        real_one: { key: real, ...one },
        real_optional: { key: real, ...optional },
        real_set: { key: real, ...several },
        real_map: { key: real, value: real, ...several },
        boolean_one: { key: boolean, ...one },
        boolean_optional: { key: boolean, ...optional },
        boolean_set: { key: boolean, ...several },
        boolean_map: { key: boolean, value: string, ...several },
        string_one: { key: string, ...one },
        string_optional: { key: string, ...optional },
        string_set: { key: string, ...several },
        string_map: { key: string, value: string, ...several },
        uuid_one: { key: uuid, ...one },
        uuid_optional: { key: uuid, ...optional },
        uuid_set: { key: uuid, ...several },
        uuid_map: { key: uuid, value: boolean, ...several },
        optional_map: { key: string, value: integer, ...optional },
      },
      isRoot: true,
      indexes: [["name"]],
    },
    Constrained: {
      columns: {
        level: { key: { type: "integer", minInteger: 0, maxInteger: 10 }, ...one },
        ratio: { key: { type: "real", minReal: 0, maxReal: 1 }, ...one },
        color: { key: { type: "string", enum: ["green", "red"] }, ...optional },
        word: { key: { type: "string", maxLength: 4 }, ...one },
        few: { key: integer, min: 1, max: 3 },
      },
      isRoot: true,
    },
    Whole: {
      columns: {
        parts: { key: part, ...several },
        named_parts: { key: string, value: part, ...several },
        favourite: { key: weakPart, ...optional },
      },
      isRoot: true,
    },
    Part: { columns: { name: { key: string, ...one }, parts: { key: part, ...several } }, isRoot: false },
    Only: { columns: { counter: { key: integer, ...one } }, isRoot: true, maxRows: 1 },
  },
} as const satisfies DatabaseSchema;

export const database = conformance.name;

/** As a later version of the database has it: a column less and a table less. */
const { optional_map: _column, ...fewerColumns } = conformance.tables.Value.columns;
const { Constrained: _table, ...fewerTables } = conformance.tables;
export const converted: DatabaseSchema = {
  ...conformance,
  version: "2.0.0",
  tables: { ...fewerTables, Value: { ...conformance.tables.Value, columns: fewerColumns } },
};
