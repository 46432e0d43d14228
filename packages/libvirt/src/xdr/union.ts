import type { Codec, InputOf, ValueOf } from "@loomstack/wire";

type Arms = Readonly<Record<string, readonly [discriminant: number, Codec<unknown, never>]>>;

/** One of the arms, told apart by `kind`. */
export type UnionValue<A extends Arms> = {
  readonly [K in keyof A & string]: { readonly kind: K; readonly value: ValueOf<A[K][1]> };
}[keyof A & string];
export type UnionInput<A extends Arms> = {
  readonly [K in keyof A & string]: { readonly kind: K; readonly value: InputOf<A[K][1]> };
}[keyof A & string];

/**
 * A discriminated union (RFC 4506 section 4.15): a signed number that says which arm follows, then that arm.
 *
 * @throws WIRE__MALFORMED for a number without an arm, since what follows can't be read
 */
export function union<const A extends Arms>(discriminant: Codec<number>, arms: A): Codec<UnionValue<A>, UnionInput<A>> {
  const kinds = new Map(
    Object.entries(arms).map(([kind, [number, codec]]) => [number, { kind, codec: codec as Codec<unknown> }]),
  );
  return {
    read(reader) {
      const number = discriminant.read(reader);
      const arm = kinds.get(number);
      if (!arm) throw reader.malformed(`${number} is no arm of the union`);
      return { kind: arm.kind, value: arm.codec.read(reader) } as UnionValue<A>;
    },
    write(writer, { kind, value }) {
      const arm = arms[kind];
      if (!arm) throw writer.outOfRange(kind, Object.keys(arms).join(" | "));
      discriminant.write(writer, arm[0]);
      (arm[1] as Codec<unknown>).write(writer, value);
    },
  };
}
