/** Values that aren't of the type that they claim to be, which decoded JSON can bring. */
import { isLoomstackError } from "@loomstack/core";
import { expect, test } from "vitest";
import type { Message } from "../of13/messages.ts";
import { dialectOf } from "./dialect.ts";
import { vectors } from "./vector-file.check.ts";

const wrong: readonly unknown[] = [undefined, 0.5, -1n, "x", {}];

/**
 * The message once for each part of it that there hasn't been before, with another value in the part's place.
 *
 * @param at the part: the nearest kind of thing that it is in, and its name there
 */
function* spoiled(value: unknown, at: string, seen: Set<string>): Generator<readonly [at: string, value: unknown]> {
  if (!seen.has(at)) {
    seen.add(at);
    for (const other of wrong) yield [at, other];
  }
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return;
  const around = kindOf(value) ?? at;
  for (const [name, member] of Object.entries(value) as [string, unknown][]) {
    const place = Array.isArray(value) ? `${around}[]${kindOf(member) ?? ""}` : `${around}.${name}`;
    for (const [path, part] of spoiled(member, place, seen)) {
      yield [path, Array.isArray(value) ? value.with(Number(name), part) : { ...value, [name]: part }];
    }
  }
}

function kindOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !("kind" in value)) return undefined;
  return String(value.kind);
}

test.each(["1.0", "1.3", "1.5"] as const)(
  "of %s, whatever part is of another type, the error is a typed one",
  (spoken) => {
    const { decode, encode } = dialectOf(spoken, { flowModTableId: true });
    const seen = new Set<string>();
    const untyped: string[] = [];
    let refused = 0;
    for (const { bytes } of vectors.filter(({ version }) => version === spoken)) {
      const { message, xid } = decode(bytes);
      for (const [path, value] of spoiled(message, "message", seen)) {
        try {
          encode(value as Message, xid);
        } catch (error) {
          if (isLoomstackError(error)) refused++;
          else untyped.push(`${path}: ${String(error)}`);
        }
      }
    }
    expect(untyped).toEqual([]);
    expect(refused).toBeGreaterThan(500);
  },
);
