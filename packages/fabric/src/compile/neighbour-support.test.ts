import { expect, test } from "vitest";
import { canAdvertiseNeighbours } from "./neighbour-support.ts";

test.each([
  ["2.10.7", false],
  ["2.5.0", false],
  ["1.11.0", false],
  ["2.11.0", true],
  ["2.17.9", true],
  ["3.1.0", true],
  ["10.0", true],
  ["", false],
  [undefined, false],
])("Open vSwitch %s: %s", (version, can) => {
  expect(canAdvertiseNeighbours(version)).toBe(can);
});
