import type { IntegerCodec } from "./integers.ts";
import { type Codec, mapped } from "./codec.ts";

/** Named flags: those that are set. `unnamed` keeps bits that the declaration doesn't know. */
export type Bits<Name extends string> = { readonly [K in Name]?: boolean } & { readonly unnamed?: number };

/** Shared: most values have no flag. */
const noFlags = Object.freeze({});

/**
 * Flags in an unsigned integer, declared by the number of their bit (0 is the lowest).
 *
 * @example bits(u16, { sendFlowRemoved: 0, checkOverlap: 1 }) reads 0x0001 as { sendFlowRemoved: true }
 */
export function bits<const Name extends string>(
  codec: IntegerCodec,
  positions: Readonly<Record<Name, number>>,
): Codec<Bits<Name>> {
  const flags = Object.entries<number>(positions).map(([name, position]) => ({ name, mask: 2 ** position }));
  return mapped(codec, {
    decode(number): Bits<Name> {
      let rest = number;
      if (rest === 0) return noFlags;
      const value: Record<string, boolean | number> = {};
      for (const { name, mask } of flags) {
        // Division, not &: bit 31 of a number is a sign for JavaScript's bit operators.
        if (Math.floor(rest / mask) % 2 === 0) continue;
        value[name] = true;
        rest -= mask;
      }
      if (rest > 0) value["unnamed"] = rest;
      return value as Bits<Name>;
    },
    encode(value: Bits<Name>) {
      const given: Readonly<Record<string, unknown>> = value;
      let sum = value.unnamed ?? 0;
      for (const { name, mask } of flags) {
        if (given[name] === true) sum += mask;
      }
      return sum;
    },
  });
}
