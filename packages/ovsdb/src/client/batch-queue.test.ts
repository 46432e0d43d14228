import { LoomstackError } from "@loomstack/core";
import { expect, test } from "vitest";
import { BatchQueue } from "./batch-queue.ts";

const lost = new LoomstackError("OVSDB__CONNECTION_LOST", { remote: "unix:/db.sock", reason: "" });

test("batches come in their order, also those that are added while one waits for them", async () => {
  const queue = new BatchQueue<string>(10);
  const batches = queue.batches();
  queue.add("a", 1);
  queue.add("b", 1);
  expect([await batches.next(), await batches.next()].map(({ value }) => value)).toEqual(["a", "b"]);
  const next = batches.next();
  queue.add("c", 1);
  expect(await next).toEqual({ done: false, value: "c" });
});

test("what waits is read before the error is thrown", async () => {
  const queue = new BatchQueue<string>(10);
  queue.add("a", 1);
  queue.end(lost);
  queue.end();
  const batches = queue.batches();
  expect(await batches.next()).toMatchObject({ value: "a" });
  await expect(batches.next()).rejects.toBe(lost);
});

test("an error wakes who waits; so does the end", async () => {
  const failing = new BatchQueue<string>(10);
  const next = failing.batches().next();
  failing.end(lost);
  await expect(next).rejects.toBe(lost);
  const ending = new BatchQueue<string>(10);
  const last = ending.batches().next();
  ending.clear();
  expect(await last).toEqual({ done: true, value: undefined });
});

test("there is room for one batch beyond the limit, and again when some were read", async () => {
  const queue = new BatchQueue<string>(2);
  expect([queue.add("a", 2), queue.add("b", 5), queue.add("c", 1)]).toEqual([true, true, false]);
  const batches = queue.batches();
  await batches.next();
  await batches.next();
  expect(queue.add("d", 1)).toBe(true);
});

test("nothing is kept after the end, and nobody is told that there is no room", async () => {
  const queue = new BatchQueue<string>(0);
  queue.add("a", 1);
  queue.clear();
  expect([queue.add("b", 1), queue.add("c", 1)]).toEqual([true, true]);
  expect(await queue.batches().next()).toEqual({ done: true, value: undefined });
});
