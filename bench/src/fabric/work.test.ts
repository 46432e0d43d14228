import { expect, test } from "vitest";
import { endpointOf, morePort, portsOf, type Work, works } from "./work.ts";

/** On how many hypervisors each network is. */
function homes(work: Work): readonly number[] {
  const byNetwork = Map.groupBy(portsOf(work), ({ network }) => network);
  return [...byNetwork.values()].map((ports) => new Set(ports.map(({ hypervisor }) => hypervisor)).size);
}

test("in works A and B every network is on every hypervisor, in C on one or two", () => {
  expect(new Set(homes(works.A))).toEqual(new Set([10]));
  expect(new Set(homes(works.B))).toEqual(new Set([30]));
  expect(new Set(homes(works.C))).toEqual(new Set([1, 2]));
});

test.each(Object.values(works))(
  "work $name has all of its networks, and as many ports in each as in the others",
  (work) => {
    const byNetwork = Map.groupBy(portsOf(work), ({ network }) => network);
    expect(byNetwork.size).toBe(work.networks);
    const sizes = [...byNetwork.values()].map((ports) => ports.length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  },
);

test("ports that are added one by one are new, and in networks that their hypervisor has", () => {
  const ports = portsOf(works.C);
  const more = Array.from({ length: 100 }, (_, count) => morePort(works.C, count));
  for (const key of ["id", "mac", "ip", "name"] as const) {
    const all = [...ports, ...more].map((port) => port[key]);
    expect(new Set(all).size).toBe(all.length);
  }
  const present = new Set(ports.map(({ hypervisor, network }) => `${hypervisor} ${network}`));
  expect(more.every(({ hypervisor, network }) => present.has(`${hypervisor} ${network}`))).toBe(true);
});

test("tunnels of a hundred hypervisors end at a hundred addresses", () => {
  expect(endpointOf(0)).toBe("10.200.0.1");
  expect(new Set(Array.from({ length: 300 }, (_, index) => endpointOf(index))).size).toBe(300);
});
