import type { Codec } from "./codec.ts";

/** What is read of `T` once nothing in it is undefined. */
export type Complete<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> };

/**
 * A struct some of whose members may read `undefined`, which is how a codec says that it doesn't know what it has read;
 * the whole is undefined then.
 */
export function complete<Value extends object, Input>(
  codec: Codec<Value, Input>,
): Codec<Complete<Value> | undefined, Input> {
  return {
    read(reader) {
      const value = codec.read(reader);
      return Object.values(value).includes(undefined) ? undefined : (value as Complete<Value>);
    },
    write: codec.write,
  };
}
