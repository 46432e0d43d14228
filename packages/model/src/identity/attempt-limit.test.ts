import fc from "fast-check";
import { expect, test } from "vitest";
import { AttemptLimit } from "./attempt-limit.ts";

const policy = fc.record({
  burst: fc.integer({ min: 1, max: 5 }),
  refillMs: fc.integer({ min: 1, max: 1_000 }),
  subjects: fc.integer({ min: 1, max: 4 }),
});

/** Attempts that all fail, each some time after the one before. */
const attempts: fc.Arbitrary<readonly Attempt[]> = fc.array(
  fc.record({ afterMs: fc.integer({ min: 0, max: 2_000 }), subject: fc.constantFrom("a", "b", "c", "d", "e", "f") }),
  { maxLength: 60 },
);

interface Attempt {
  readonly afterMs: number;
  readonly subject: string;
}

/** When each subject was let try, and has failed. */
function failures(limit: AttemptLimit, tried: readonly Attempt[]): Map<string, number[]> {
  const at = new Map<string, number[]>();
  let now = 0;
  for (const { afterMs, subject } of tried) {
    now += afterMs;
    if (limit.waitMs(subject, now) > 0) continue;
    limit.count(subject, now);
    at.set(subject, [...(at.get(subject) ?? []), now]);
  }
  return at;
}

test("in any span of time nobody fails more often than the burst, and once more for each refill", () => {
  fc.assert(
    fc.property(policy, attempts, ({ burst, refillMs }, tried) => {
      const limit = new AttemptLimit({ burst, refillMs, subjects: 6 });
      for (const times of failures(limit, tried).values()) {
        for (const [first, from] of times.entries()) {
          for (const [last, to] of times.entries()) {
            if (last >= first) expect(last - first + 1).toBeLessThanOrEqual(burst + (to - from) / refillMs);
          }
        }
      }
    }),
  );
});

test("however many subjects fail, only so many are remembered", () => {
  fc.assert(
    fc.property(policy, attempts, (given, tried) => {
      const limit = new AttemptLimit(given);
      failures(limit, tried);
      expect(limit.size).toBeLessThanOrEqual(given.subjects);
    }),
  );
});

test("who has waited for as long as it was told may try, and not a moment before", () => {
  fc.assert(
    fc.property(policy, attempts, (given, tried) => {
      const limit = new AttemptLimit(given);
      failures(limit, tried);
      const now = tried.reduce((sum, { afterMs }) => sum + afterMs, 0);
      for (const subject of ["a", "b", "c"]) {
        const waitMs = limit.waitMs(subject, now);
        expect(limit.waitMs(subject, now + waitMs)).toBe(0);
        if (waitMs > 0) expect(limit.waitMs(subject, now + waitMs - 1)).toBe(1);
      }
    }),
  );
});

test("what is taken back leaves no trace, and the others' failures count as before", () => {
  fc.assert(
    fc.property(policy, attempts, ({ burst, refillMs }, tried) => {
      const [limit, undisturbed] = [0, 1].map(() => new AttemptLimit({ burst, refillMs, subjects: 6 }));
      let now = 0;
      for (const { afterMs, subject } of tried) {
        now += afterMs;
        if (subject === "a") {
          limit?.count("a", now);
          limit?.takeBack("a");
        } else [limit, undisturbed].forEach((each) => each?.count(subject, now));
      }
      for (const subject of ["a", "b", "c"])
        expect(limit?.waitMs(subject, now)).toBe(undisturbed?.waitMs(subject, now));
    }),
  );
});

test("of too many subjects the one that is forgiven soonest is forgotten, and never one that failed often", () => {
  const limit = new AttemptLimit({ burst: 3, refillMs: 1_000, subjects: 3 });
  for (let failure = 0; failure < 3; failure += 1) limit.count("attacked", 0);
  for (let other = 0; other < 100; other += 1) limit.count(`other ${other}`, 1);
  expect(limit.waitMs("attacked", 1)).toBe(999);
  expect(limit.waitMs("other 0", 1)).toBe(0);
});
