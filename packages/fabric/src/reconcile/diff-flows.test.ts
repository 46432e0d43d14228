import { type Flow, flowMod } from "@loomstack/openflow";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FakeSwitch } from "@loomstack/testkit";
import { diffFlows, keyedFlows } from "./diff-flows.ts";

const flow = fc.record({
  tableId: fc.integer({ min: 0, max: 2 }),
  priority: fc.integer({ min: 1, max: 3 }),
  cookie: fc.bigInt({ min: 0n, max: 2n }),
  match: fc.record({ reg0: fc.integer({ min: 0, max: 3 }) }),
  instructions: fc.constantFrom<Flow["instructions"]>([], [{ kind: "gotoTable", tableId: 9 }]),
});
const flows = fc.array(flow, { maxLength: 20 });
const byKey = (set: Iterable<Flow>): Map<string, string> =>
  new Map([...keyedFlows(set)].map(([key, { fingerprint }]) => [key, fingerprint]));

test("what the difference says turns any set of flows into any other", () => {
  fc.assert(
    fc.property(flows, flows, (before, after) => {
      const fake = FakeSwitch.with([...keyedFlows(before).values()].map((keyed) => keyed.flow));
      const changes = diffFlows(keyedFlows(after), keyedFlows(before));
      fake.apply(changes.map(({ command, flow: keyed }) => flowMod(command, keyed.flow)));
      expect(byKey(fake.flows)).toEqual(byKey(after));
    }),
  );
});

test("between equal sets there is no difference, and what is right in both is not sent", () => {
  fc.assert(
    fc.property(flows, flows, (common, more) => {
      expect(diffFlows(keyedFlows(common), keyedFlows(common))).toEqual([]);
      const before = keyedFlows(common);
      for (const { key, command } of diffFlows(keyedFlows([...more, ...common]), before))
        if (command === "add") expect(before.has(key)).toBe(false);
    }),
  );
});
