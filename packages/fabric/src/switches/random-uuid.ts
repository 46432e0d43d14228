import { parseUuid, type Uuid } from "@loomstack/core";

/** A UUID of version 4. @see RFC 9562, 5.4 @param random gives numbers from 0 up to 1, as Math.random does */
export function randomUuid(random: () => number): Uuid {
  const hex = (digits: number): string => {
    let text = "";
    for (let digit = 0; digit < digits; digit += 1) text += Math.floor(random() * 16).toString(16);
    return text;
  };
  const variant = (8 + Math.floor(random() * 4)).toString(16);
  return parseUuid(`${hex(8)}-${hex(4)}-4${hex(3)}-${variant}${hex(3)}-${hex(12)}`);
}
