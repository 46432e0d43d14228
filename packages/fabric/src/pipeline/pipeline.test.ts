import { type OfPort } from "@loomstack/core";
import type { Flow } from "@loomstack/openflow";
import { expect, test } from "vitest";
import { checkFlow, PlannedFlow, plannedFlow } from "./planned-flow.ts";
import { registers } from "./registers.ts";
import { intClassify, pipeline } from "./tables.ts";

const draft = { table: intClassify, priority: 1, match: {}, feature: "f", owner: "o", why: "w" } as const;

test("table numbers are unique in their bridge, and packets only go forward, to tables of their own bridge", () => {
  for (const bridge of ["br-int", "br-tun"]) {
    const tables = pipeline.filter((table) => table.bridge === bridge);
    expect(new Set(tables.map(({ id }) => id)).size).toBe(tables.length);
    for (const { id, next } of tables) {
      for (const name of next) expect(tables.find((table) => table.name === name)?.id).toBeGreaterThan(id);
    }
  }
});

test("registers stay inside their 32 bits", () => {
  for (const { start, bits } of Object.values(registers)) expect(start + bits).toBeLessThanOrEqual(32);
});

test("a goto that the table's declaration doesn't name does not compile, and is refused when it is made otherwise", () => {
  // @ts-expect-error forward is not a name that br-tun's classify may go to; encapsulate not one of br-int's
  expect(() => plannedFlow({ ...draft, goto: "encapsulate" })).toThrow();
  const flow = plannedFlow({ ...draft, goto: "forward" });
  const elsewhere: Flow = { ...flow.flow, instructions: [{ kind: "gotoTable", tableId: 15 }] };
  expect(() => checkFlow(new PlannedFlow("br-int", elsewhere, flow))).toThrow(/no next table 15/);
  expect(() => checkFlow(flow)).not.toThrow();
});

test.each([0xfffffffa, 0xfffffffb, 0xfffffffc])(
  "an output to the reserved port 0x%x is refused: nobody declared that switching",
  (port) => {
    const flow = plannedFlow({ ...draft, actions: [{ kind: "output", port: port as OfPort }] });
    expect(() => checkFlow(flow)).toThrow(/action output is not allowed/);
  },
);

test("a flow in a table that there isn't is refused", () => {
  const flow = plannedFlow(draft);
  expect(() => checkFlow(new PlannedFlow("br-int", { ...flow.flow, tableId: 99 }, flow))).toThrow(
    /there is no such table/,
  );
});
