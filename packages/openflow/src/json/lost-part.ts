import { ipv6ToInteger, parseIpv6 } from "../of13/ipv6.ts";
import { isMasked } from "../of13/match.ts";

/** A part of a message that its bytes don't say. */
export interface LostPart {
  readonly path: string;
  /** What they say in its place; undefined for nothing or for another kind of value. */
  readonly writtenAs?: string;
}

/**
 * The first part of `given` that isn't in `found` or is another value there: a message, and the same message when it was
 * written and read again. Numbers may have got names, addresses and masks their normal form.
 */
export function lostPart(given: unknown, found: unknown, path: string): LostPart | undefined {
  if (given instanceof Uint8Array) return found instanceof Uint8Array ? undefined : { path };
  if (Array.isArray(given)) return lostItem(given, found, path);
  if (typeof given === "object" && given !== null) return lostProperty(given, found, path);
  const isKept = given === found || isMasked(found) || (typeof given === "number" && typeof found === "string");
  if (isKept || isSameText(given, found)) return undefined;
  return typeof given === typeof found ? { path, writtenAs: String(found) } : { path };
}

function lostItem(given: readonly unknown[], found: unknown, path: string): LostPart | undefined {
  if (!Array.isArray(found) || found.length !== given.length) return { path };
  return firstOf(given.entries(), ([index, item]) => lostPart(item, found[index], `${path}[${index}]`));
}

function lostProperty(given: object, found: unknown, path: string): LostPart | undefined {
  if (isMasked(given)) return undefined;
  if (typeof found !== "object" || found === null || Array.isArray(found) || found instanceof Uint8Array)
    return { path };
  const has: Readonly<Record<string, unknown>> = { ...found };
  return firstOf(Object.entries(given), ([name, part]: [string, unknown]) => {
    if (Object.hasOwn(has, name)) return lostPart(part, has[name], `${path}.${name}`);
    return saysNothing(name, part) ? undefined : { path: `${path}.${name}` };
  });
}

/** A flag that isn't set, the form of a match that doesn't need one, a condition that asks nothing. */
function saysNothing(name: string, part: unknown): boolean {
  return part === undefined || part === false || name === "layout" || isMasked(part as object);
}

/** Whether two texts are the same address, or the same but for small and capital letters. */
function isSameText(given: unknown, found: unknown): boolean {
  if (typeof given !== "string" || typeof found !== "string") return false;
  if (given.toLowerCase() === found.toLowerCase()) return true;
  return given.includes(":") && found.includes(":") && isSameIpv6(given, found);
}

function isSameIpv6(one: string, other: string): boolean {
  try {
    return ipv6ToInteger(parseIpv6(one)) === ipv6ToInteger(parseIpv6(other));
  } catch {
    return false;
  }
}

function firstOf<T>(items: Iterable<T>, find: (item: T) => LostPart | undefined): LostPart | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
