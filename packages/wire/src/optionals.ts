import type { AnyCodec, Codec, InputOf, ValueOf } from "./codec.ts";
import type { IntegerCodec } from "./integers.ts";

type Members = Readonly<Record<string, readonly [bit: number, codec: AnyCodec]>>;

/** The type of the value that `members` describe: those that are there. */
export type OptionalsValue<M extends Members> = { readonly [K in keyof M]?: ValueOf<M[K][1]> };
/** The type of what may be written. */
export type OptionalsInput<M extends Members> = { readonly [K in keyof M]?: InputOf<M[K][1]> | undefined };

/**
 * A mask of bits that says which members follow, and then those members in the order of the declaration. Each is
 * declared by the number of its bit (0 is the lowest).
 *
 * @example optionals(u16, { min: [0, u32], max: [1, u32] }) reads 0x0002 00000007 as { max: 7 }
 *
 * @throws WIRE__MALFORMED for a bit that isn't declared
 */
export function optionals<const M extends Members>(
  mask: IntegerCodec,
  members: M,
): Codec<OptionalsValue<M>, OptionalsInput<M>> {
  const rows = Object.entries(members).map(([name, [bit, codec]]) => ({
    name,
    flag: 2 ** bit,
    codec: codec as Codec<unknown>,
  }));
  const known = rows.reduce((sum, { flag }) => sum + flag, 0);
  const isSet = (flags: number, flag: number): boolean => Math.floor(flags / flag) % 2 === 1;
  return {
    read(reader) {
      const flags = mask.read(reader);
      const named = rows.reduce((sum, { flag }) => (isSet(flags, flag) ? sum + flag : sum), 0);
      if (named !== flags)
        throw reader.malformed(`a mask of 0x${flags.toString(16)} where 0x${known.toString(16)} is all`);
      const value: Record<string, unknown> = {};
      for (const { name, flag, codec } of rows) {
        if (!isSet(flags, flag)) continue;
        reader.path.enter(name);
        value[name] = codec.read(reader);
        reader.path.leave();
      }
      return value as OptionalsValue<M>;
    },
    write(writer, value) {
      const given: Readonly<Record<string, unknown>> = value;
      const present = rows.filter(({ name }) => given[name] !== undefined);
      mask.write(
        writer,
        present.reduce((sum, { flag }) => sum + flag, 0),
      );
      for (const { name, codec } of present) {
        writer.path.enter(name);
        codec.write(writer, given[name]);
        writer.path.leave();
      }
    },
  };
}
