import type { Codec } from "@loomstack/wire";
import { boolean } from "./scalars.ts";

/** Optional data (RFC 4506 section 4.19): whether it is there, then the thing itself. `undefined` when it isn't. */
export function optional<Value, Input>(inner: Codec<Value, Input>): Codec<Value | undefined, Input | undefined> {
  return {
    read: (reader) => (boolean.read(reader) ? inner.read(reader) : undefined),
    write(writer, value) {
      boolean.write(writer, value !== undefined);
      if (value !== undefined) inner.write(writer, value);
    },
  };
}
