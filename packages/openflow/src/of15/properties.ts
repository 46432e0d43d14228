import { type Codec, encode } from "@loomstack/wire";

/**
 * Properties that have to be kept beside what was made of them: those that wouldn't be written the same again, because
 * they have another order, or some of them aren't known. None in the usual case.
 */
export function keptProperties<Input, Found extends Input>(
  list: Codec<unknown, readonly Input[]>,
  found: readonly Found[],
  derived: readonly Input[],
): { readonly properties?: readonly Found[] } {
  const isSame = Buffer.compare(encode(list, found), encode(list, derived)) === 0;
  return isSame ? {} : { properties: found };
}
