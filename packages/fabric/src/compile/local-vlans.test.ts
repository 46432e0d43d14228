import type { LocalVlan, Uuid } from "@loomstack/core";
import { expect, test } from "vitest";
import { assignLocalVlans, withRecorded } from "./local-vlans.ts";

const network = (n: number): Uuid => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}` as Uuid;
const vlan = (n: number): LocalVlan => n as LocalVlan;

test("a network keeps the VLAN that the bridge records for it", () => {
  const { vlans } = assignLocalVlans(new Map([[network(9), vlan(7)]]), new Set([network(1), network(9)]), new Set());
  expect(vlans).toEqual(
    new Map([
      [network(9), 7],
      [network(1), 1],
    ]),
  );
});

test("a VLAN is not given to another network while the flows of its last one may still be there", () => {
  const recorded = new Map([[network(1), vlan(1)]]);
  expect(assignLocalVlans(recorded, new Set([network(2)]), new Set([network(1)])).vlans.get(network(2))).toBe(2);
  expect(assignLocalVlans(recorded, new Set([network(2)]), new Set()).vlans).toEqual(new Map([[network(2), 1]]));
});

test("networks beyond the 4,094th are named, and the others have one VLAN each", () => {
  const present = new Set(Array.from({ length: 4096 }, (_, index) => network(index)));
  const { vlans, unassigned } = assignLocalVlans(new Map(), present, new Set());
  expect(new Set(vlans.values()).size).toBe(4094);
  expect(unassigned).toEqual([network(4094), network(4095)]);
});

test("what somebody else writes into the record moves no network to another VLAN", () => {
  const known = new Map([[network(1), vlan(5)]]);
  const recorded = new Map([
    [network(1), vlan(9)],
    [network(2), vlan(5)],
    [network(3), vlan(6)],
  ]);
  expect(withRecorded(known, recorded)).toEqual(
    new Map([
      [network(1), 5],
      [network(3), 6],
    ]),
  );
  expect(withRecorded(undefined, recorded)).toEqual(recorded);
});
