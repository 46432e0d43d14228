/**
 * The floor: the same flows and ports in bare Open vSwitch by its own tools, all hypervisors at once, with nobody who
 * computes anything. A controller can't be faster.
 */
import { writeFile } from "node:fs/promises";
import { LoomstackError } from "@loomstack/core";
import { openVswitch } from "@loomstack/ovsdb";
import type { Run } from "../benchmark.ts";
import { BareListener } from "./bare-listener.ts";
import { median } from "../result.ts";
import { numberedInterfaces, type NumberedInterface, plug } from "./hypervisor.ts";
import type { OpenVSwitch } from "./open-vswitch.ts";
import { percentile, type Plan } from "./side.ts";
import { morePort } from "./work.ts";
import { startWorld } from "./world.ts";

const bridges = ["br-int", "br-tun"] as const;

/** What a controller made of one hypervisor. */
interface Made {
  readonly interfaces: readonly NumberedInterface[];
  /** The flows of each bridge, as ovs-ofctl has them. */
  readonly flows: ReadonlyMap<string, string>;
}

/** Takes down what hypervisors hold, so that it can be put into others. */
export async function recordMade(hypervisors: readonly OpenVSwitch[]): Promise<readonly Made[]> {
  const made: Made[] = [];
  for (const hypervisor of hypervisors) {
    const dumps = await Promise.all(bridges.map((bridge) => dumpFlows(hypervisor, bridge)));
    const flows = new Map(bridges.map((bridge, index) => [bridge, flowLines(dumps[index] ?? "")]));
    made.push({ interfaces: await numberedInterfaces(hypervisor), flows });
  }
  return made;
}

export async function runFloor(made: readonly Made[], plan: Plan): Promise<Run> {
  await using world = await startWorld({ work: plan.work, signal: plan.signal, underlay: false });
  const { hypervisors } = world;
  const { signal } = plan;
  const switches = hypervisors.length * bridges.length;
  await using stack = new AsyncDisposableStack();
  const listener = stack.use(await BareListener.start(0, switches));
  await each(hypervisors, (hypervisor) => prepare(hypervisor, made[hypervisor.index], listener.port));
  await listener.told(signal);
  plan.signal.throwIfAborted();
  const converge = await seconds(() => each(hypervisors, (hypervisor) => fill(hypervisor, made[hypervisor.index])));
  const timesMs: number[] = [];
  for (let count = 0; count < plan.more; count += 1) {
    plan.signal.throwIfAborted();
    timesMs.push((await seconds(() => numberOneMore(hypervisors, plan, count))) * 1000);
  }
  await listener[Symbol.asyncDispose]();
  const restart = await seconds(async () => {
    const again = stack.use(await BareListener.start(listener.port, switches));
    await again.told(signal);
  });
  const dump = await seconds(() =>
    each(hypervisors, (hypervisor) => Promise.all(bridges.map((bridge) => dumpFlows(hypervisor, bridge)))),
  );
  const onePort = { "one-more-port": median(timesMs), "one-more-port-p95": percentile(timesMs, 0.95) };
  return { figures: { converge, restart, ...onePort }, params: { floor_dump_s: dump } };
}

/** What is there before the work begins: bridges and whom they connect to, the patch between them, and the file of flows. */
async function prepare(hypervisor: OpenVSwitch, made: Made | undefined, port: number): Promise<void> {
  const patch = made?.interfaces.filter(({ type }) => type === "patch") ?? [];
  const commands = patch.flatMap((one) => addPort(one.name === "patch-tun" ? "br-int" : "br-tun", one));
  const settings = bridges.flatMap((name) => [
    ...["--", "add-br", name, "--", "set", "Bridge", name, "fail_mode=secure", "protocols=OpenFlow10,OpenFlow13"],
    ...["--", "set-controller", name, `tcp:127.0.0.1:${port}`],
    ...["--", "set", "Controller", name, "max_backoff=1000", "connection_mode=out-of-band"],
  ]);
  await hypervisor.vsctl(...settings, ...commands);
  for (const [bridge, flows] of made?.flows ?? []) await writeFile(flowFile(hypervisor, bridge), flows);
}

async function fill(hypervisor: OpenVSwitch, made: Made | undefined): Promise<void> {
  const commands = (made?.interfaces ?? []).flatMap((one) => {
    if (one.type === "dummy") return one.name === "p-phy" ? [] : addPort("br-int", one);
    return one.type === "patch" ? [] : addPort("br-tun", one);
  });
  await hypervisor.vsctl(...commands);
  await Promise.all(
    bridges.map((bridge) => hypervisor.ofctl("add-flows", bridge, flowFile(hypervisor, bridge), "--bundle")),
  );
}

function addPort(bridge: string, { name, type, ofport, options }: NumberedInterface): readonly string[] {
  const settings = Array.from(options, ([key, value]) => `options:${key}=${JSON.stringify(value)}`);
  const set = ["--", "set", "Interface", name, `type=${type}`, `ofport_request=${ofport}`, ...settings];
  return ["--", "add-port", bridge, name, ...set];
}

/** From a new interface to its OpenFlow port. A flow would take another 0.1 ms. */
async function numberOneMore(hypervisors: readonly OpenVSwitch[], { work }: Plan, count: number): Promise<void> {
  const port = morePort(work, count);
  const hypervisor = hypervisors[port.hypervisor];
  if (hypervisor === undefined) throw new LoomstackError("LAB__NO_HYPERVISOR", { index: port.hypervisor, count: 0 });
  await using replica = await hypervisor.client.monitor(
    openVswitch,
    { Interface: ["name", "ofport"] },
    { where: { Interface: [["name", "==", port.name]] } },
  );
  const { promise, resolve } = Promise.withResolvers<undefined>();
  using _watch = replica.changes.add((changes) => {
    if (changes.some(({ after }) => after?.ofport !== undefined)) resolve(undefined);
  });
  await plug(hypervisor, [port]);
  await promise;
}

function dumpFlows(hypervisor: OpenVSwitch, bridge: string): Promise<string> {
  return hypervisor.ofctl("dump-flows", bridge, "--no-stats", "--no-names");
}

function flowLines(dump: string): string {
  return dump
    .split("\n")
    .filter((line) => line.includes("actions="))
    .join("\n");
}

function flowFile({ folder }: OpenVSwitch, bridge: string): string {
  return `${folder}/${bridge}.flows`;
}

async function each(
  hypervisors: readonly OpenVSwitch[],
  work: (hypervisor: OpenVSwitch) => Promise<unknown>,
): Promise<void> {
  const done = await Promise.allSettled(hypervisors.map(work));
  const failed = done.find((one) => one.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}
