import { type Reader, reading } from "./reader.ts";
import { type Writer, written } from "./writer.ts";

/**
 * How one type of value is read and written. A codec is plain data and pure functions; combinators build larger ones
 * from smaller ones. `Input` is what may be written; it is wider than `Value` where there are defaults.
 */
export interface Codec<out Value, in Input = Value> {
  /** @throws WIRE__TRUNCATED, WIRE__TRAILING_BYTES, WIRE__MALFORMED */
  readonly read: (reader: Reader) => Value;
  /** @throws WIRE__OUT_OF_RANGE, WIRE__WRONG_TYPE */
  readonly write: (writer: Writer, value: Input) => void;
  /** There where all values take the same bytes, and any bytes are a value: what structs need to do several in one go. */
  readonly fixed?: FixedForm<Value, Input> | undefined;
}

/** Reads and writes bytes for which there is room. */
export interface FixedForm<out Value, in Input = Value> {
  readonly size: number;
  readonly get: (view: DataView, offset: number) => Value;
  /** @returns false for a value that isn't one of the type, which `write` of the codec has the error for */
  readonly set: (view: DataView, offset: number, value: Input) => boolean;
}

/** Any codec at all, as a bound for type parameters. */
export type AnyCodec = Codec<unknown, never>;

/** What a codec reads. */
export type ValueOf<C> = C extends { readonly read: (reader: Reader) => infer Value } ? Value : never;

/** What a codec writes. */
export type InputOf<C> = C extends { readonly write: (writer: Writer, value: infer Input) => void } ? Input : never;

/** The bytes of a value. @param name root of the path in errors */
export function encode<Input>(codec: Codec<unknown, Input>, value: Input, name = "value"): Uint8Array {
  return written(name, (writer) => codec.write(writer, value)).slice();
}

/** The value in all of `bytes`. @throws WIRE__TRAILING_BYTES where the value ends before the bytes do */
export function decode<Value>(codec: Codec<Value, never>, bytes: Uint8Array, name = "bytes"): Value {
  return reading(bytes, name, codec.read);
}

/** A codec for what can be made of another codec's value, and back. */
export function mapped<Value, Input, Inner, InnerInput>(
  inner: Codec<Inner, InnerInput>,
  { decode, encode }: { readonly decode: (value: Inner) => Value; readonly encode: (value: Input) => InnerInput },
): Codec<Value, Input> {
  return {
    read: (reader) => decode(inner.read(reader)),
    write: (writer, value) => inner.write(writer, encode(value)),
    fixed: mappedForm(inner.fixed, decode, encode),
  };
}

/** The same on the wire; `undefined` is written as `value`, which makes a property of a struct optional. */
export function withDefault<Value, Input>(
  codec: Codec<Value, Input>,
  value: NoInfer<Input>,
): Codec<Value, Input | undefined> {
  return {
    read: codec.read,
    write: (writer, given) => codec.write(writer, given === undefined ? value : given),
    fixed: mappedForm(
      codec.fixed,
      (found: Value) => found,
      (given: Input | undefined) => (given === undefined ? value : given),
    ),
  };
}

/** As `mapped`, of the fixed form of a codec, if it has one. */
export function mappedForm<Value, Input, Inner, InnerInput>(
  inner: FixedForm<Inner, InnerInput> | undefined,
  decode: (value: Inner) => Value,
  encode: (value: Input) => InnerInput,
): FixedForm<Value, Input> | undefined {
  if (inner === undefined) return undefined;
  const { size, get, set } = inner;
  return {
    size,
    get: (view, offset) => decode(get(view, offset)),
    set: (view, offset, value) => set(view, offset, encode(value)),
  };
}
