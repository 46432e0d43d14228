import { type Codec, mapped, u64 } from "@loomstack/wire";

// The integers of XDR (RFC 4506 sections 4.1 to 4.5) are wire's own: int i32, unsigned int u32, hyper i64, unsigned
// hyper u64.

/** No bytes at all (RFC 4506 section 4.16): the arguments or the result of a procedure that has none. */
export const nothing: Codec<undefined> = { read: () => undefined, write: () => undefined };

/** RFC 4506 section 4.4. @throws WIRE__MALFORMED for anything but 0 and 1 */
export const boolean: Codec<boolean> = {
  read(reader) {
    const value = reader.u32();
    if (value > 1) throw reader.malformed(`${value} is neither 0 nor 1`);
    return value === 1;
  },
  write: (writer, value) => writer.u32(value ? 1 : 0),
};

/** Double-precision floating point of IEEE 754 (RFC 4506 section 4.7). */
export const double: Codec<number> = mapped(u64, {
  decode: (bits) => new Float64Array(BigUint64Array.of(bits).buffer)[0] ?? Number.NaN,
  encode: (value: number) => new BigUint64Array(Float64Array.of(value).buffer)[0] ?? 0n,
});
