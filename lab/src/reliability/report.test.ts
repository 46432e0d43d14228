import { expect, test } from "vitest";
import type { Measurement } from "./measure.ts";
import { reliabilityDocument, resultTable } from "./report.ts";

const none = { sent: 100, lost: 0, longestSilenceMs: 0 };
const right: Measurement = {
  scenario: { name: "stop", title: "controller stopped", forwards: true },
  streams: { local: none, overlay: none, "plain local": none, "plain overlay": none },
  flows: { flowMods: 0, changedFlows: 0, disturbedFlows: 0 },
  causeMs: 2_000,
  correctMs: 310,
  said: [
    { atMs: 0, hypervisor: "no answer", ports: "no answer" },
    { atMs: 400, hypervisor: "ready: all is well", ports: "2 BUILD: no probe has passed" },
  ],
  note: "a note",
  failures: [],
};
const wrong: Measurement = {
  ...right,
  streams: { ...right.streams, overlay: { sent: 100, lost: 3, longestSilenceMs: 60 } },
  failures: ["the overlay pair lost 3 of 100 packets"],
};

test("a row tells what was lost beside what plain bridges lost, and the times", () => {
  expect(resultTable([right]).split("\n")[2]).toBe(
    "| controller stopped | yes | 0 / 0 | 0 / 0 | 0 | 0 | 2.00 | 0.31 |",
  );
});

test("what is wrong is marked in its row and told below", () => {
  const facts = { date: "2026-01-02", versions: "Loomstack 0" };
  expect(resultTable([wrong])).toContain("| **WRONG** controller stopped | yes | 0 / 3 (0.06 s) |");
  expect(reliabilityDocument(facts, [wrong])).toContain("- controller stopped: the overlay pair lost 3 of 100 packets");
  expect(reliabilityDocument(facts, [right])).not.toContain("What is wrong");
});

test("what the controller said is told in order, with the ports", () => {
  expect(reliabilityDocument({ date: "", versions: "" }, [right])).toContain(
    "- controller stopped (a note): 0.00 s *no answer*; 0.40 s *ready: all is well* (ports: 2 BUILD)",
  );
});
