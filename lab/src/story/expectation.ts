import { LoomstackError } from "@loomstack/core";

/** Says what was expected and what was seen instead. @throws LAB__EXPECTATION_FAILED unless `holds` */
export function expectThat(holds: boolean, what: string, expected: unknown, seen: unknown): asserts holds {
  if (!holds)
    throw new LoomstackError("LAB__EXPECTATION_FAILED", {
      what,
      expected: JSON.stringify(expected),
      seen: JSON.stringify(seen),
    });
}

/** Whether two JSON values are the same. */
export function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
