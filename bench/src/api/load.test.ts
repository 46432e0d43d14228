import { expect, test } from "vitest";
import { load } from "./load.ts";

const { signal } = new AbortController();

test("every call is made once, and never more at a time than asked for", async () => {
  const made: number[] = [];
  let underWay = 0;
  let most = 0;
  const call = async (index: number): Promise<void> => {
    made.push(index);
    most = Math.max(most, ++underWay);
    await Promise.resolve();
    underWay -= 1;
  };
  const { perSec, p99Ms } = await load(50, 4, call, signal);
  expect(made).toEqual(Array.from({ length: 50 }, (_, index) => index));
  expect(most).toBe(4);
  expect(perSec).toBeGreaterThan(0);
  expect(p99Ms).toBeGreaterThanOrEqual(0);
});

test("a call that fails ends it, and so does an interruption", async () => {
  await expect(load(5, 1, () => Promise.reject(new TypeError("no")), signal)).rejects.toThrow("no");
  await expect(load(5, 1, () => Promise.resolve(), AbortSignal.abort())).rejects.toMatchObject({
    code: "CORE__ABORTED",
  });
});
