import { expect, test } from "vitest";
import { FlowsUnderWay } from "./flows-under-way.ts";

test("only flows that are under way are disputed, and only those that others changed", () => {
  const flows = new FlowsUnderWay([{ key: "1" }, { key: "2" }]);
  expect([flows.isDisputed("1"), flows.dispute("1"), flows.dispute("3")]).toEqual([false, true, false]);
  expect(["1", "2", "3"].map((key) => flows.isDisputed(key))).toEqual([true, false, false]);
});
