import type { Uuid } from "@loomstack/core";
import type { PortLocation } from "@loomstack/model";
import { expect, test } from "vitest";
import { decideBinding, type Sightings } from "./decide-binding.ts";

const port = "00000000-0000-4000-8000-000000000001" as Uuid;
const seen = (...keys: string[]): Sightings =>
  new Map(["OVS/a", "OVS/b"].map((key) => [key, new Set(keys.includes(key) ? [port] : [])]));

const at = (nodeKey: string, arrivingAt?: string): PortLocation => ({ nodeKey, ...(arrivingAt && { arrivingAt }) });

test("a port is where its interface is seen", () => {
  expect(decideBinding(port, undefined, seen("OVS/b"))).toEqual(at("OVS/b"));
  expect(decideBinding(port, undefined, seen())).toBeUndefined();
});

test("an interface that two hypervisors have is on its way, and moves when the first one lets go", () => {
  expect(decideBinding(port, at("OVS/b"), seen("OVS/a", "OVS/b"))).toEqual(at("OVS/b", "OVS/a"));
  expect(decideBinding(port, at("OVS/b", "OVS/a"), seen("OVS/a", "OVS/b"))).toEqual(at("OVS/b", "OVS/a"));
  expect(decideBinding(port, at("OVS/b", "OVS/a"), seen("OVS/a"))).toEqual(at("OVS/a"));
});

test("an interface that is taken away from where it would have arrived stays where it is", () => {
  expect(decideBinding(port, at("OVS/b", "OVS/a"), seen("OVS/b"))).toEqual(at("OVS/b"));
});

test("a port that is on its way stays so while one of the two hypervisors is out of sight, and arrives once the other lets go", () => {
  expect(decideBinding(port, at("OVS/c", "OVS/a"), seen("OVS/a"))).toEqual(at("OVS/c", "OVS/a"));
  expect(decideBinding(port, at("OVS/a", "OVS/c"), seen("OVS/a"))).toEqual(at("OVS/a", "OVS/c"));
  expect(decideBinding(port, at("OVS/a", "OVS/c"), seen())).toEqual(at("OVS/c"));
});

test("a port of a hypervisor that is out of sight stays bound to it, until another one has it", () => {
  expect(decideBinding(port, at("OVS/c"), seen())).toEqual(at("OVS/c"));
  expect(decideBinding(port, at("OVS/c"), seen("OVS/a"))).toEqual(at("OVS/a"));
});

test("an interface that is gone is bound nowhere", () => {
  expect(decideBinding(port, at("OVS/a"), seen())).toBeUndefined();
});
