import type { Ipv4 } from "@loomstack/core";
import { expect, test } from "vitest";
import { PathMap } from "./path-map.ts";
import type { Path } from "./path-prober.ts";

const path: Path = { from: "a", to: "b", encapsulation: "vxlan", endpoint: "10.0.0.2" as Ipv4 };
const back: Path = { from: "b", to: "a", encapsulation: "vxlan", endpoint: "10.0.0.1" as Ipv4 };
const others: readonly Path[] = [
  back,
  { ...path, encapsulation: "gre" },
  { ...path, endpoint: "10.0.0.3" as Ipv4 },
  { ...path, to: "c" },
];

test("a value is found by an equal path, and by no other", () => {
  const paths = new PathMap<string>();
  paths.set(path, "there");
  expect(paths.get({ ...path })).toBe("there");
  for (const other of others) expect(paths.get(other)).toBeUndefined();
});

test("each path has one value, the last one that was set", () => {
  const paths = new PathMap<string>();
  for (const value of ["first", "last"]) for (const one of [path, ...others]) paths.set(one, value);
  expect([paths.size, new Set(paths.values())]).toEqual([5, new Set(["last"])]);
});

test("what is deleted is gone, and nothing else", () => {
  const paths = new PathMap<number>();
  for (const [index, one] of [path, ...others].entries()) paths.set(one, index);
  paths.delete({ ...path });
  paths.delete({ ...path });
  expect([paths.size, paths.get(path), others.map((one) => paths.get(one))]).toEqual([4, undefined, [1, 2, 3, 4]]);
  for (const one of others) paths.delete(one);
  expect([paths.size, [...paths.values()]]).toEqual([0, []]);
});
