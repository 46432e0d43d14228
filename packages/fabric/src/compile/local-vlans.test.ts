import type { LocalVlan, TunnelKey, Uuid } from "@loomstack/core";
import { expect, test } from "vitest";
import { assignLocalVlans, withRecorded } from "./local-vlans.ts";

const network = (n: number): Uuid => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}` as Uuid;
const vlan = (n: number): LocalVlan => n as LocalVlan;
/** Networks whose tunnel keys are their own numbers. */
const present = (...numbers: readonly number[]): ReadonlyMap<Uuid, TunnelKey> =>
  new Map(numbers.map((n) => [network(n), n as TunnelKey]));

test("a network keeps the VLAN that the bridge records for it", () => {
  const { vlans } = assignLocalVlans(new Map([[network(9), vlan(7)]]), present(1, 9), new Set());
  expect(vlans).toEqual(
    new Map([
      [network(9), 7],
      [network(1), 1],
    ]),
  );
});

test("a network has the VLAN that its tunnel key asks for, whichever networks are there, unless one of them has it", () => {
  const vlanOf = (id: number, ...numbers: readonly number[]): number | undefined =>
    assignLocalVlans(new Map(), present(...numbers), new Set()).vlans.get(network(id));
  expect([vlanOf(200, 200), vlanOf(200, 1, 199, 200, 201), vlanOf(4095, 4095)]).toEqual([200, 200, 1]);
  // Both ask for VLAN 1, and network 2 for VLAN 2.
  expect([vlanOf(1, 1, 2, 4095), vlanOf(2, 1, 2, 4095), vlanOf(4095, 1, 2, 4095)]).toEqual([1, 2, 3]);
  expect([vlanOf(4094, 4094, 8188), vlanOf(8188, 4094, 8188)]).toEqual([4094, 1]);
});

test("a VLAN is not given to another network while the flows of its last one may still be there", () => {
  const recorded = new Map([[network(1), vlan(2)]]);
  expect(assignLocalVlans(recorded, present(2), new Set([network(1)])).vlans.get(network(2))).toBe(3);
  expect(assignLocalVlans(recorded, present(2), new Set()).vlans).toEqual(new Map([[network(2), 2]]));
});

test("networks beyond the 4,094th are named, and the others have one VLAN each", () => {
  const all = present(...Array.from({ length: 4096 }, (_, index) => index + 1));
  const { vlans, unassigned } = assignLocalVlans(new Map(), all, new Set());
  expect(new Set(vlans.values()).size).toBe(4094);
  expect(unassigned).toEqual([network(4095), network(4096)]);
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
