import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
};

test("only so many have their turn at a time, and the others in the order in which they came", async () => {
  const turns = new Turns(2);
  const begun: number[] = [];
  const ends: Disposable[] = [];
  for (const id of [1, 2, 3, 4]) {
    void turns.take().then((end) => {
      begun.push(id);
      ends.push(end);
    });
  }
  await settle();
  expect([begun, turns.waiting]).toEqual([[1, 2], 2]);
  ends[0]?.[Symbol.dispose]();
  ends[0]?.[Symbol.dispose]();
  await settle();
  expect(begun).toEqual([1, 2, 3]);
  ends[1]?.[Symbol.dispose]();
  ends[2]?.[Symbol.dispose]();
  await settle();
  expect([begun, turns.waiting]).toEqual([[1, 2, 3, 4], 0]);
});
