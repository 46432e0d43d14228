import { parseIpv4, parseUuid } from "@loomstack/core";
import type { Host } from "@loomstack/model";
import { expect, test } from "vitest";
import { type Candidate, chooseHost } from "./placement.ts";

function candidate(
  number: number,
  given: Partial<Candidate> & { readonly memoryMib?: number | null; readonly isEnabled?: boolean } = {},
): Candidate {
  const id = parseUuid(`00000000-0000-4000-8000-00000000000${number}`);
  const host: Host = {
    id,
    zoneId: id,
    podId: id,
    clusterId: id,
    name: `h${number}`,
    address: parseIpv4(`192.0.2.${number}`),
    libvirtUri: "",
    domainType: "kvm",
    memoryMib: given.memoryMib === undefined ? 1000 : given.memoryMib,
    allocationState: given.isEnabled === false ? "Disabled" : "Enabled",
    createdAt: 0,
  };
  return { host, problem: given.problem, allocatedMib: given.allocatedMib ?? 0 };
}

test("the host that has promised the smallest part of its memory is chosen", () => {
  const candidates = [candidate(1, { allocatedMib: 500 }), candidate(2, { allocatedMib: 600, memoryMib: 4000 })];
  expect(chooseHost(candidates, 100, "z", null).name).toBe("h2");
});

test("among hosts without a limit, the one that has promised least is chosen", () => {
  const candidates = [
    candidate(1, { allocatedMib: 500, memoryMib: null }),
    candidate(2, { allocatedMib: 400, memoryMib: null }),
  ];
  expect(chooseHost(candidates, 100, "z", null).name).toBe("h2");
});

test("a requested host is chosen even if another is emptier, and no other when it is full", () => {
  const candidates = [candidate(1), candidate(2, { allocatedMib: 950 })];
  expect(chooseHost(candidates, 50, "z", candidates[1]?.host.id ?? null).name).toBe("h2");
  expect(() => chooseHost(candidates, 51, "z", candidates[1]?.host.id ?? null)).toThrow("h2: it has 50 MiB left");
});

test("hosts that can't be used are told with their reasons", () => {
  const candidates = [candidate(1, { problem: "it is Alert: it was cut" }), candidate(2, { isEnabled: false })];
  expect(() => chooseHost(candidates, 1, "z", null)).toThrow("h1: it is Alert: it was cut; h2: it is disabled");
});

test("a zone without hosts says so", () => {
  expect(() => chooseHost([], 1, "z", null)).toThrow("no host of zone z can take an instance of 1 MiB: it has no host");
});
