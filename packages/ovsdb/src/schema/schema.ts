/**
 * A database schema as data (RFC 7047, 3.2). `open-vswitch.generated.ts` holds one as constants, from which
 * `row-types.ts` derives the types of rows; the schema that a server reports is the same type, read by
 * `parse-schema.ts`.
 */
export interface DatabaseSchema {
  readonly name: string;
  readonly version: string;
  readonly tables: { readonly [table: string]: TableSchema };
}

export interface TableSchema {
  readonly columns: { readonly [column: string]: ColumnSchema };
  /** Whether rows live without a strong reference from another row. */
  readonly isRoot: boolean;
  /** How many rows there may be; absent: any number. */
  readonly maxRows?: number;
  /** Each a list of columns whose values together are unique in the table. */
  readonly indexes?: readonly (readonly string[])[];
}

export interface ColumnSchema {
  readonly key: BaseType;
  /** Present in a map: the type of its values. */
  readonly value?: BaseType;
  /** The fewest elements: 0 or 1. */
  readonly min: number;
  /** The most elements. A column with `max` 1 and no `value` is a scalar (`min` 1) or an optional scalar (`min` 0). */
  readonly max: number | "unlimited";
  /** Absent: true. False: set by the insert only. */
  readonly mutable?: boolean;
  /** Absent: false. True: not kept on disk. */
  readonly ephemeral?: boolean;
}

export interface BaseType {
  readonly type: "integer" | "real" | "boolean" | "string" | "uuid";
  /** The only values allowed. */
  readonly enum?: readonly (string | number | bigint | boolean)[];
  readonly minInteger?: number | bigint;
  readonly maxInteger?: number | bigint;
  readonly minReal?: number;
  readonly maxReal?: number;
  /** In characters. */
  readonly minLength?: number;
  readonly maxLength?: number;
  /** The table that a uuid refers to. */
  readonly refTable?: string;
  /**
   * Absent: strong. A row lives as long as something refers to it strongly; a weak reference goes when its row goes.
   */
  readonly refType?: "strong" | "weak";
}
