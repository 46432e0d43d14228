import { expect, test } from "vitest";
import { fakeWorks, quarterOf, realWorks, largeWork, shortened } from "./choices.ts";
import { portsOf, works } from "./work.ts";

const names = (of: readonly { readonly name: string }[]): readonly string[] => of.map(({ name }) => name);

test("without choices all works of peers are done on real hypervisors, and the large one on played ones", () => {
  expect(names(realWorks({}))).toEqual(["A", "B", "C"]);
  expect(fakeWorks({})).toEqual([largeWork]);
});

test("a work that is named is the only one, on real hypervisors or on played ones", () => {
  expect([names(realWorks({ work: "B" })), names(fakeWorks({ work: "B" }))]).toEqual([["B"], []]);
  expect([names(realWorks({ work: "B", fake: true })), names(fakeWorks({ work: "B", fake: true }))]).toEqual([
    [],
    ["B"],
  ]);
});

test("sizes make a work of their own, without the goals of one that has a name", () => {
  const sizes = { hypervisors: 5, ports: 4, networks: 3, spread: "local" } as const;
  expect(realWorks(sizes)).toEqual([{ name: "custom", ...sizes }]);
  expect(fakeWorks(sizes)).toEqual([]);
  expect(fakeWorks({ ...sizes, fake: true })).toEqual([{ name: "custom", ...sizes }]);
  expect(realWorks({ hypervisors: 20 })).toEqual([{ ...works.A, name: "custom", hypervisors: 20 }]);
});

test("sizes that don't fit into the addresses are refused", () => {
  expect(() => realWorks({ hypervisors: 1000, ports: 1000 })).toThrow("no more than 60000 ports");
  expect(() => realWorks({ hypervisors: 2, ports: 2, networks: 5 })).toThrow("no more networks than ports");
});

test("a quarter of a work has networks of the same size on as many hypervisors", () => {
  const [whole, quarter] = [largeWork, quarterOf(largeWork)].map((work) => {
    const ports = portsOf(work).filter(({ network }) => network === 0);
    return [ports.length, new Set(ports.map(({ hypervisor }) => hypervisor)).size];
  });
  expect(quarter).toEqual(whole);
});

test("the short form is small whatever the work is", () => {
  expect(portsOf(shortened(largeWork, "short")).length).toBeLessThan(30);
  expect(shortened(largeWork, "full")).toBe(largeWork);
});
