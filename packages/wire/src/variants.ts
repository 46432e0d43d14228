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
  /** How a value of that kind is written; undefined for a kind that isn't in the family. */
  readonly formOf: (kind: string) => VariantForm<Input> | undefined;
  /** The value in the rest of the scope, or undefined for a tag that isn't in the family. */
  readonly readBody: (reader: Reader, tag: number) => Value | undefined;
}

/** How values of one kind are written. */
export interface VariantForm<in Input> {
  readonly tag: number;
  readonly writeBody: (writer: Writer, value: Input) => void;
}

/** What a family reads. */
export type VariantsValue<V> = V extends { readonly readBody: (reader: Reader, tag: number) => infer Value }
  ? Exclude<Value, undefined>
  : never;
/** What a family writes. */
export type VariantsInput<V> = V extends {
  readonly formOf: (kind: string) => VariantForm<infer Input> | undefined;
}
  ? Input
  : never;

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
  const forms = new Map(rows.map(({ kind, tag, codec }) => [kind, { tag, writeBody: bodyWriter(kind, codec) }]));
  return {
    kinds: new Set(forms.keys()),
    formOf: (kind) => forms.get(kind),
    readBody(reader, tag) {
      const row = byTag.get(tag);
      if (row === undefined) return undefined;
      reader.path.enter(row.kind);
      const body = row.codec.read(reader);
      reader.path.leave();
      return body as DeclaredValue<D> | undefined;
    },
  };
}

function bodyWriter(kind: string, codec: Codec<unknown>): VariantForm<unknown>["writeBody"] {
  return (writer, value) => {
    writer.path.enter(kind);
    codec.write(writer, value);
    writer.path.leave();
  };
}

/** A family whose bodies start with a tag of their own, inside a body with the tag `outerTag`. */
export function inside<Value, Input>(
  outerTag: number,
  tag: Codec<number>,
  inner: Variants<Value, Input>,
): Variants<Value, Input> {
  const forms = new Map<string, VariantForm<Input>>();
  const made = (kind: string): VariantForm<Input> | undefined => {
    const form = inner.formOf(kind);
    if (form === undefined) return undefined;
    const { tag: innerTag, writeBody } = form;
    const outer: VariantForm<Input> = {
      tag: outerTag,
      writeBody(writer, value) {
        tag.write(writer, innerTag);
        writeBody(writer, value);
      },
    };
    forms.set(kind, outer);
    return outer;
  };
  return {
    kinds: inner.kinds,
    formOf: (kind) => forms.get(kind) ?? made(kind),
    readBody: (reader, found) => (found === outerTag ? inner.readBody(reader, tag.read(reader)) : undefined),
  };
}

/** Two families as one. The first that knows a tag reads the body. */
export function either<A, AInput, B, BInput>(
  first: Variants<A, AInput>,
  second: Variants<B, BInput>,
): Variants<A | B, AInput | BInput> {
  return {
    kinds: new Set([...first.kinds, ...second.kinds]),
    // A form is only ever given values of the kind that it was found by.
    formOf: (kind) => (first.formOf(kind) ?? second.formOf(kind)) as VariantForm<AInput | BInput> | undefined,
    readBody(reader, tag) {
      const start = reader.offset;
      const value = first.readBody(reader, tag);
      if (value !== undefined) return value;
      reader.rewind(start);
      return second.readBody(reader, tag);
    },
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
