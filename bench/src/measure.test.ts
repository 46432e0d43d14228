import { expect, test } from "vitest";
import type { Benchmark, Rig } from "./benchmark.ts";
import { measure } from "./measure.ts";

const benchmark: Benchmark = {
  bench: "ovsdb",
  metrics: { load: { unit: "s", better: "lower", goal: 3 }, heap: { unit: "MB", better: "lower", goal: 1 } },
  peer: "python",
  runs: 3,
  prepare: () => Promise.reject(new Error("nothing is to be prepared")),
};

function rigOf(order: string[]): Rig {
  let run = 0;
  return {
    params: { rows: 7 },
    ours() {
      order.push("ours");
      run += 1;
      return Promise.resolve({ figures: { load: run, heap: 0.5 } });
    },
    peer() {
      order.push("peer");
      return Promise.resolve({ figures: { load: 10 * run }, params: { parser: "C" } });
    },
    async [Symbol.asyncDispose]() {},
  };
}

const { signal } = new AbortController();

test("both sides run in turn, and every run is told", async () => {
  const order: string[] = [];
  const told: string[] = [];
  await measure(benchmark, rigOf(order), { runs: 2, signal, onProgress: (text) => told.push(text) });
  expect(order).toEqual(["ours", "peer", "ours", "peer"]);
  expect(told).toEqual([
    "ovsdb 1/2 ours: load 1 s, heap 0.5 MB",
    "ovsdb 1/2 python: load 10 s",
    "ovsdb 2/2 ours: load 2 s, heap 0.5 MB",
    "ovsdb 2/2 python: load 20 s",
  ]);
});

test("each metric has a result of its own; one that the peer doesn't give has no peer", async () => {
  const [load, heap] = await measure(benchmark, rigOf([]), { runs: 3, signal, onProgress: () => undefined });
  expect(load).toMatchObject({ metric: "load", value: 2, peer: "python", peer_value: 20, ratio: 10, met: true, n: 3 });
  expect(heap).toMatchObject({ metric: "heap", value: 0.5, peer: null, peer_value: null, ratio: null, met: true });
  expect(load?.params).toMatchObject({ rows: 7, parser: "C" });
});

test("a floor runs after both sides, and is told with the metrics that it has", async () => {
  const order: string[] = [];
  const floor: Rig["floor"] = () => {
    order.push("floor");
    return Promise.resolve({ figures: { load: 0.5 }, params: { bare: true } });
  };
  const rig: Rig = { ...rigOf(order), floor };
  const [load, heap] = await measure(benchmark, rig, { runs: 2, signal, onProgress: () => undefined });
  expect(order).toEqual(["ours", "peer", "floor", "ours", "peer", "floor"]);
  expect(load).toMatchObject({ value: 1.5, peer_value: 15, floor: 0.5, params: { bare: true } });
  expect(heap).not.toHaveProperty("floor");
});

test("a run without a figure that the others have is an error", async () => {
  const rig: Rig = { ...rigOf([]), ours: () => Promise.resolve({ figures: { heap: 1 } }) };
  let isFirst = true;
  rig.ours = () => {
    const figures: Record<string, number> = isFirst ? { heap: 1 } : { load: 1, heap: 1 };
    isFirst = false;
    return Promise.resolve({ figures });
  };
  const measuring = measure(benchmark, rig, { runs: 2, signal, onProgress: () => undefined });
  await expect(measuring).rejects.toMatchObject({ code: "CORE__UNREACHABLE" });
});
