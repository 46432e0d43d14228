/** A database of one table with a column of each shape, for tests of drafts. */
import type { DatabaseSchema } from "../../schema/schema.ts";
import type { DraftRow, RowId } from "../draft.ts";

export const db = "Drafts";
const text = { type: "string" } as const;
const integer = { type: "integer" } as const;
export const drafts = {
  name: db,
  version: "1.0.0",
  tables: {
    Item: {
      columns: {
        name: { key: text, min: 1, max: 1, mutable: false },
        count: { key: integer, min: 1, max: 1 },
        level: { key: { type: "real" }, min: 1, max: 1 },
        note: { key: text, min: 0, max: 1 },
        limit: { key: integer, min: 0, max: 1 },
        tags: { key: text, min: 0, max: "unlimited" },
        numbers: { key: integer, min: 0, max: "unlimited" },
        some: { key: integer, min: 1, max: "unlimited" },
        pair: { key: integer, min: 1, max: 2 },
        labels: { key: text, value: text, min: 0, max: "unlimited" },
        mark: { key: text, value: text, min: 0, max: 1 },
        friends: { key: { type: "uuid", refTable: "Item" }, min: 0, max: "unlimited" },
        hidden: { key: text, value: integer, min: 0, max: "unlimited" },
        ghost: { key: integer, min: 1, max: 1 },
      },
      isRoot: true,
    },
  },
} as const satisfies DatabaseSchema;

/** The columns that are replicated. */
export const selected = {
  Item: ["name", "count", "level", "note", "limit", "tags", "numbers", "some", "pair", "labels", "mark", "friends"],
} as const;
export const everything = [...selected.Item, "hidden", "ghost"] as const;

export type Drafts = typeof drafts;
export type Selected = typeof selected;
export type Items = ReadonlyMap<RowId, DraftRow<Drafts, Selected, "Item">>;
