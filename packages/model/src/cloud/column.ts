/**
 * How a property of an object is kept in a column. A resource lists one column for each of its properties; rows, values
 * and the types of rows follow from that list.
 */
import { type Ipv4, ipv4FromNumber, ipv4ToNumber } from "@loomstack/core";

export type SqlValue = string | number | null;

export interface Column<T> {
  toSql(value: T): SqlValue;
  fromSql(stored: SqlValue): T;
}

/** Text, or NULL where the property may be null. */
export function text<T extends string | null = string>(): Column<T> {
  return { toSql: (value) => value, fromSql: (stored) => stored as T };
}

/** A number, or NULL where the property may be null. */
export function integer<T extends number | null = number>(): Column<T> {
  return { toSql: (value) => value, fromSql: (stored) => stored as T };
}

/** 0 or 1. */
export function truth(): Column<boolean> {
  return { toSql: (value) => (value ? 1 : 0), fromSql: (stored) => stored === 1 };
}

/** An IPv4 address as an unsigned 32-bit number, so that SQL can look for the lowest free one. */
export function ipv4(): Column<Ipv4> {
  return { toSql: (value) => ipv4ToNumber(value), fromSql: (stored) => ipv4FromNumber(Number(stored)) };
}

/** Anything that JSON can carry. */
export function json<T>(): Column<T> {
  return { toSql: (value) => JSON.stringify(value), fromSql: (stored) => JSON.parse(String(stored)) as T };
}

/** One column for each property of `Value`. */
export type Columns<Value> = { readonly [K in keyof Value]-?: Column<Value[K]> };

/** `created_at` for `createdAt`. */
export type SnakeCase<Name extends string> = Name extends `${infer Head}${infer Tail}`
  ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${SnakeCase<Tail>}`
  : "";

type Stored<T> = T extends string | number | null ? T : T extends boolean ? number : string;

/** The row that keeps a `Value`, as Kysely sees it. */
export type RowOf<Value> = { [K in keyof Value & string as SnakeCase<K>]: Stored<Value[K]> };

export function columnName(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
