import { compileStruct } from "./struct-code.ts";
import type { AnyCodec, Codec, InputOf, ValueOf } from "./codec.ts";

/**
 * The properties of a struct in the order of the wire. A name that starts with `_` is padding or a constant, and not
 * part of the value.
 */
export type Fields = Readonly<Record<string, AnyCodec>>;

type Visible<Name> = Name extends `_${string}` ? never : Name;
type OptionalNames<F extends Fields> = {
  [K in keyof F]: undefined extends InputOf<F[K]> ? Visible<K> : never;
}[keyof F];
type Flat<T> = { readonly [K in keyof T]: T[K] };

/** The type of the value that `fields` describe. */
export type StructValue<F extends Fields> = { readonly [K in keyof F as Visible<K>]: ValueOf<F[K]> };

/** The type of what may be written: properties with a default are optional. */
export type StructInput<F extends Fields> = Flat<
  { [K in keyof F as K extends OptionalNames<F> ? never : Visible<K>]: InputOf<F[K]> } & {
    [K in OptionalNames<F>]?: InputOf<F[K]>;
  }
>;

/** An object whose properties follow each other on the wire in the order of the declaration. */
export function struct<const F extends Fields>(fields: F): Codec<StructValue<F>, StructInput<F>> {
  return structOf(fields, undefined);
}

/** As struct; the values that are read have `kind` besides, in front. */
export function structOf<const F extends Fields>(
  fields: F,
  kind: string | undefined,
): Codec<StructValue<F>, StructInput<F>> {
  const entries = Object.entries(fields).map(([name, codec]) => ({ name, codec, hidden: name.startsWith("_") }));
  return compileStruct(entries, kind) as Codec<StructValue<F>, StructInput<F>>;
}
