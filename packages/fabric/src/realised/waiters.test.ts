import { expect, test } from "vitest";
import { mostWaiting, Waiters } from "./waiters.ts";

const never = new AbortController().signal;

test("whoever waits looks again when what it waits for is stirred, and for nothing else", async () => {
  const waiters = new Waiters();
  let looks = 0;
  let missing: string[] | undefined = ["OVS/a"];
  const waiting = waiters.until(() => ((looks += 1), missing), never);
  waiters.stir("OVS/b");
  await Promise.resolve();
  expect(looks).toBe(1);
  missing = ["OVS/b"];
  waiters.stir("OVS/a");
  waiters.stir("OVS/a");
  await Promise.resolve();
  expect(looks).toBe(2);
  waiters.stir("OVS/a");
  await Promise.resolve();
  expect(looks).toBe(2);
  missing = undefined;
  waiters.stir("OVS/b");
  expect(await waiting).toBe(true);
  expect(waiters.size).toBe(0);
});

test("it gives up when it is told to, and leaves nothing behind", async () => {
  const waiters = new Waiters();
  const patience = new AbortController();
  const waiting = waiters.until(() => ["OVS/a"], patience.signal);
  expect(waiters.size).toBe(1);
  patience.abort();
  expect(await waiting).toBe(false);
  expect(waiters.size).toBe(0);
});

test("beyond a number that wait nobody is kept waiting", async () => {
  const waiters = new Waiters();
  const all = Array.from({ length: mostWaiting }, () => waiters.until(() => ["OVS/a"], never));
  expect(await waiters.until(() => ["OVS/a"], never)).toBe(false);
  expect(waiters.size).toBe(mostWaiting);
  waiters[Symbol.dispose]();
  expect(new Set(await Promise.all(all))).toEqual(new Set([false]));
});
