import { expect, expectTypeOf, test } from "vitest";
import { columnName, type RowOf } from "./column.ts";

test("a property's column is its name in snake case", () => {
  expect(["id", "createdAt", "dns1", "internalDns1"].map(columnName)).toEqual([
    "id",
    "created_at",
    "dns1",
    "internal_dns1",
  ]);
});

test("a row has a column for each property, of what SQL can keep", () => {
  interface Value {
    readonly id: string;
    readonly isDefault: boolean;
    readonly cpuNumber: number | null;
    readonly names: readonly string[];
  }
  expectTypeOf<RowOf<Value>>().toEqualTypeOf<{
    id: string;
    is_default: number;
    cpu_number: number | null;
    names: string;
  }>();
});
