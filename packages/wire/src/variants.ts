import type { AnyCodec, Codec, InputOf, ValueOf } from "./codec.ts";
import type { Reader } from "./reader.ts";
import { type Fields, structOf, type StructInput, type StructValue } from "./struct.ts";
import type { Writer } from "./writer.ts";

/**
 * The bodies of a family of tagged values. The tag itself is read and written by whoever frames the body (a TLV header,
 * an outer body), so that families nest: an OpenFlow action of type 0xffff has a vendor number in its body, and below
 * that a subtype.
 */
export interface Variants<out Value, in Input> {
  readonly kinds: ReadonlySet<string>;
  /** The tag to write for a value. */
  readonly tagOf: (value: Input) => number;
  /** The value in the rest of the scope, or undefined for a tag that isn't in the family. */
  readonly readBody: (reader: Reader, tag: number) => Value | undefined;
  readonly writeBody: (writer: Writer, value: Input) => void;
}

/** What a family reads. */
export type VariantsValue<V> = V extends { readonly readBody: (reader: Reader, tag: number) => infer Value }
  ? Exclude<Value, undefined>
  : never;
/** What a family writes. */
export type VariantsInput<V> = V extends { readonly tagOf: (value: infer Input) => number } ? Input : never;

interface Tagged {
  readonly kind: string;
}
/** A row may have more to say of its kind than its bytes, to other readers of the declaration. */
type Declaration = Readonly<Record<string, readonly [tag: number, body: Fields | AnyCodec, ...more: unknown[]]>>;
/** What a body declared as `B` reads. */
export type BodyValue<B> = B extends AnyCodec
  ? Exclude<ValueOf<B>, undefined>
  : B extends Fields
    ? StructValue<B>
    : never;
/** What a body declared as `B` writes. */
export type BodyInput<B> = B extends AnyCodec ? InputOf<B> : B extends Fields ? StructInput<B> : never;
type DeclaredValue<D extends Declaration> = {
  [K in keyof D & string]: { readonly kind: K } & BodyValue<D[K][1]>;
}[keyof D & string];
type DeclaredInput<D extends Declaration> = {
  [K in keyof D & string]: { readonly kind: K } & BodyInput<D[K][1]>;
}[keyof D & string];

/**
 * Declares a family: for each kind its tag, and its body as fields or as a codec of an object. A body codec that reads
 * `undefined` says that it doesn't know this body after all, and makes the tag an unknown one.
 *
 * @example variants({ group: [22, { groupId: u32 }] }) reads { kind: "group", groupId: 1 }
 */
export function variants<const D extends Declaration>(declaration: D): Variants<DeclaredValue<D>, DeclaredInput<D>> {
  const rows = Object.entries(declaration).map(([kind, [tag, body]]) => ({ kind, tag, codec: bodyCodec(kind, body) }));
  const byTag = new Map(rows.map((row) => [row.tag, row]));
  const byKind = new Map(rows.map((row) => [row.kind, row]));
  return {
    kinds: new Set(byKind.keys()),
    tagOf: (value) => byKind.get((value as Tagged).kind)?.tag ?? Number.NaN,
    readBody(reader, tag) {
      const row = byTag.get(tag);
      if (row === undefined) return undefined;
      reader.path.enter(row.kind);
      const body = row.codec.read(reader);
      reader.path.leave();
      return body as DeclaredValue<D> | undefined;
    },
    writeBody(writer, value) {
      const { kind } = value as Tagged;
      writer.path.enter(kind);
      byKind.get(kind)?.codec.write(writer, value);
      writer.path.leave();
    },
  };
}

/** A family whose bodies start with a tag of their own, inside a body with the tag `outerTag`. */
export function inside<Value, Input>(
  outerTag: number,
  tag: Codec<number>,
  inner: Variants<Value, Input>,
): Variants<Value, Input> {
  return {
    kinds: inner.kinds,
    tagOf: () => outerTag,
    readBody: (reader, found) => (found === outerTag ? inner.readBody(reader, tag.read(reader)) : undefined),
    writeBody(writer, value) {
      tag.write(writer, inner.tagOf(value));
      inner.writeBody(writer, value);
    },
  };
}

/** Two families as one. The first that knows a tag reads the body. */
export function either<A, AInput, B, BInput>(
  first: Variants<A, AInput>,
  second: Variants<B, BInput>,
): Variants<A | B, AInput | BInput> {
  const isFirst = (value: AInput | BInput): value is AInput => first.kinds.has((value as Tagged).kind);
  return {
    kinds: new Set([...first.kinds, ...second.kinds]),
    tagOf: (value) => (isFirst(value) ? first.tagOf(value) : second.tagOf(value)),
    readBody(reader, tag) {
      const start = reader.offset;
      const value = first.readBody(reader, tag);
      if (value !== undefined) return value;
      reader.rewind(start);
      return second.readBody(reader, tag);
    },
    writeBody: (writer, value) => (isFirst(value) ? first.writeBody(writer, value) : second.writeBody(writer, value)),
  };
}

/** What it reads has the kind. */
function bodyCodec(kind: string, body: Fields | AnyCodec): Codec<object | undefined, unknown> {
  if (!isCodec(body)) return structOf(body, kind) as Codec<object, unknown>;
  const { read, write } = body as Codec<object | undefined, unknown>;
  return {
    read(reader) {
      const value = read(reader);
      return value === undefined ? undefined : { kind, ...value };
    },
    write,
  };
}

function isCodec(body: Fields | AnyCodec): body is AnyCodec {
  return typeof body["read"] === "function";
}
