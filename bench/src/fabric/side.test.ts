import { expect, test } from "vitest";
import type { OvsdbClient } from "@loomstack/ovsdb";
import { cpuSeconds } from "./process-usage.ts";
import { percentile, runSide, type Side } from "./side.ts";

const usage = { cpuS: 1, residentMb: 2, peakMb: 3 };

test("a percentile is the least figure that so many of them don't exceed", () => {
  const figures = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentile(figures, 0.95)).toBe(95);
  expect(percentile([7], 0.95)).toBe(7);
  expect(percentile([], 0.95)).toBeNaN();
});

test("processor seconds are read behind a program's name, whatever that is", () => {
  const fields = ["S", ...Array.from({ length: 10 }, () => "9"), "250", "50", "7"];
  expect(cpuSeconds(`12 (a ) name) ${fields.join(" ")}\n`)).toBe(3);
});

test("a side goes through its phases in order: all ports, one more at a time, crash, recovery", async () => {
  const order: string[] = [];
  const note = (what: string) => (): Promise<void> => {
    if (order.at(-1) !== what) order.push(what);
    return Promise.resolve();
  };
  const client = { transact: note("plug") } as unknown as OvsdbClient;
  const side: Side = {
    hypervisors: [{ index: 0, port: 1, client }],
    usage: () => usage,
    ...{ load: note("load"), converged: note("converged"), addPort: note("add"), portUp: note("up") },
    ...{ crash: note("crash"), recover: note("recover"), phase: (name) => note(`[${name}]`)() },
  };
  const work = { name: "custom", hypervisors: 1, ports: 3, networks: 1, spread: "full" } as const;
  const { figures } = await runSide(side, { work, more: 1, signal: new AbortController().signal });
  expect(order.slice(0, 5)).toEqual(["[converge]", "load", "plug", "converged", "[one-more-port]"]);
  expect(order.slice(5, 8)).toEqual(["add", "plug", "up"]);
  expect(order.slice(-4)).toEqual(["[restart]", "crash", "recover", "[end]"]);
  expect(Object.keys(figures).sort()).toEqual([
    ...["converge", "converge-cpu", "memory", "memory-peak", "one-more-port", "one-more-port-cpu"],
    ...["one-more-port-p95", "restart", "restart-cpu"],
  ]);
});

test("a control plane that doesn't come back has no figure for its restart, and the reason", async () => {
  const done = (): Promise<void> => Promise.resolve();
  const recover = (): Promise<void> => Promise.reject(new TypeError("out of memory"));
  const client = { transact: done } as unknown as OvsdbClient;
  const side: Side = {
    hypervisors: [{ index: 0, port: 1, client }],
    usage: () => usage,
    ...{ load: done, converged: done, addPort: done, portUp: done, crash: done, recover },
  };
  const work = { name: "custom", hypervisors: 1, ports: 1, networks: 1, spread: "full" } as const;
  const run = await runSide(side, { work, more: 1, signal: new AbortController().signal });
  expect(run.figures).toMatchObject({ restart: Number.NaN, "restart-cpu": Number.NaN });
  expect(run.params).toMatchObject({ restart_failed: "out of memory" });
});
