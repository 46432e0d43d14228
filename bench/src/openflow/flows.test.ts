import { flowKey } from "@loomstack/openflow";
import { expect, test } from "vitest";
import { realisticFlows } from "./flows.ts";

test("there are as many flows as asked for, and no two in one place", () => {
  const keys = new Set(realisticFlows(5_000).map((flow) => flowKey(flow)));
  expect(keys.size).toBe(5_000);
});

test("fewer flows are the first of more", () => {
  expect(realisticFlows(1_000).slice(0, 10)).toEqual(realisticFlows(10));
});
