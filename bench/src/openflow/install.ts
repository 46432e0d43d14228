import { encodeMessage, type Flow, flowMod, type Message } from "@loomstack/openflow";
import type { Benchmark, Run } from "../benchmark.ts";
import { readResources } from "../ovsdb/resources.ts";
import { realisticFlows } from "./flows.ts";
import { type MeasuredSwitch, startMeasuredSwitch } from "./measured-switch.ts";

/** Behind the library's own, which begin with 1 on the other connection. */
const bundleId = 0x7000_0000;
/** Before the first run, both sides do their work once: connections to switches live for days. */
const warmUpFlows = 20_000;

type Way = "install" | "install-bundle";

/**
 * Flows into the empty tables of a real Open vSwitch, from values to the switch's word that it has them: one by one
 * with a barrier behind them, and all at once in a bundle. The peer is a bare socket that sends the same bytes, encoded
 * before, at once, and waits for the same word: what the switch and Node.js allow.
 */
export const install: Benchmark = {
  bench: "openflow",
  metrics: {
    install: { unit: "flows/s", better: "higher", goal: 0.9 },
    "install-bundle": { unit: "flows/s", better: "higher", goal: 0.9 },
    "install-cpu": { unit: "µs/flow", better: "lower" },
    "install-bundle-cpu": { unit: "µs/flow", better: "lower" },
  },
  peer: "bare socket",
  runs: 9,
  async prepare(length) {
    const flows = realisticFlows(length === "full" ? 100_000 : 10_000);
    await using starting = new AsyncDisposableStack();
    const measured = starting.use(await startMeasuredSwitch());
    const bytes = { install: encodeAll(flows), "install-bundle": encodeBundle(flows) };
    const ours = async (): Promise<Run> => {
      const { rates, cpu } = await both(measured, flows.length, (way) => applyAll(measured, flows, way));
      return { figures: { ...rates, ...cpu } };
    };
    const peer = async (): Promise<Run> => {
      const send = (way: Way): Promise<void> => measured.bare.send(bytes[way], lastXid(way, flows.length));
      return { figures: (await both(measured, flows.length, send)).rates };
    };
    for (const way of ["install", "install-bundle"] as const) {
      await measured.clear();
      await applyAll(measured, flows.slice(0, warmUpFlows), way);
    }
    const running = starting.move();
    return {
      params: { flows: flows.length, bytes: bytes.install.byteLength },
      ours,
      peer,
      [Symbol.asyncDispose]: () => running.disposeAsync(),
    };
  },
};

/** One after the other; each begins with empty tables. */
async function both(measured: MeasuredSwitch, count: number, work: (way: Way) => Promise<void>) {
  const run = async (way: Way) => {
    await measured.clear();
    const before = readResources();
    await work(way);
    const after = readResources();
    await measured.expectFlows(count);
    return { rate: count / (after.wallS - before.wallS), cpuUs: ((after.cpuS - before.cpuS) * 1e6) / count };
  };
  const single = await run("install");
  const bundle = await run("install-bundle");
  return {
    rates: { install: single.rate, "install-bundle": bundle.rate },
    cpu: { "install-cpu": single.cpuUs, "install-bundle-cpu": bundle.cpuUs },
  };
}

async function applyAll({ connection }: MeasuredSwitch, flows: readonly Flow[], way: Way): Promise<void> {
  const mods = flows.map((flow) => flowMod("add", flow));
  await (way === "install" ? connection.apply(mods) : connection.applyBundle(mods));
}

/** What is sent has the transaction ids from 2 on; behind it comes what is answered. */
function lastXid(way: Way, count: number): number {
  return way === "install" ? count + 2 : count + 4;
}

function encodeAll(flows: readonly Flow[]): Buffer {
  const mods = flows.map((flow, index) => encodeMessage(flowMod("add", flow), index + 2));
  return Buffer.concat([...mods, encodeMessage({ kind: "barrierRequest" }, lastXid("install", flows.length))]);
}

function encodeBundle(flows: readonly Flow[]): Buffer {
  const flags = { atomic: true, ordered: true };
  const control = (type: "openRequest" | "closeRequest" | "commitRequest", xid: number): Uint8Array =>
    encodeMessage({ kind: "bundleControl", bundleId, type, flags, properties: new Uint8Array() }, xid);
  const mods = flows.map((flow, index) => {
    const xid = index + 3;
    const message: Message = { kind: "bundleAdd", bundleId, flags, message: encodeMessage(flowMod("add", flow), xid) };
    return encodeMessage(message, xid);
  });
  const last = lastXid("install-bundle", flows.length);
  return Buffer.concat([
    control("openRequest", 2),
    ...mods,
    control("closeRequest", last - 1),
    control("commitRequest", last),
  ]);
}
