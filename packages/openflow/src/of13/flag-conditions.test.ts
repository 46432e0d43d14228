import { expect, test } from "vitest";
import { ctState, tcpFlags } from "./flag-conditions.ts";

test("flags are asked for or excluded, and those that aren't named don't count", () => {
  expect(ctState({ trk: true, est: true, inv: false })).toEqual({ value: 0x22, mask: 0x32 });
  expect(tcpFlags({ syn: true, ack: false })).toEqual({ value: 0x02, mask: 0x12 });
  expect(ctState({})).toEqual({ value: 0, mask: 0 });
});

test("only flags that there are can be named", () => {
  // @ts-expect-error there is no such flag
  expect(ctState({ established: true })).toEqual({ value: 0, mask: 0 });
});
