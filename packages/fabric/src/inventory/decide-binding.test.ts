import type { Uuid } from "@loomstack/core";
import { expect, test } from "vitest";
import { decideBinding, type Sightings } from "./decide-binding.ts";

const port = "00000000-0000-4000-8000-000000000001" as Uuid;
const seen = (...keys: string[]): Sightings =>
  new Map(["OVS/a", "OVS/b"].map((key) => [key, new Set(keys.includes(key) ? [port] : [])]));

test("a port is where its interface is seen", () => {
  expect(decideBinding(port, undefined, seen("OVS/b"))).toBe("OVS/b");
  expect(decideBinding(port, undefined, seen())).toBeUndefined();
});

test("an interface that two hypervisors have stays where it is bound until that one lets go", () => {
  expect(decideBinding(port, "OVS/b", seen("OVS/a", "OVS/b"))).toBe("OVS/b");
  expect(decideBinding(port, "OVS/b", seen("OVS/a"))).toBe("OVS/a");
});

test("a port of a hypervisor that is out of sight stays bound to it, until another one has it", () => {
  expect(decideBinding(port, "OVS/c", seen())).toBe("OVS/c");
  expect(decideBinding(port, "OVS/c", seen("OVS/a"))).toBe("OVS/a");
});

test("an interface that is gone is bound nowhere", () => {
  expect(decideBinding(port, "OVS/a", seen())).toBeUndefined();
});
