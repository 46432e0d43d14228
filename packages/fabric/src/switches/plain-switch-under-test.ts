/** What tests share: a controller, and a plain switch of a real ovs-vswitchd whose database the controller doesn't know. */
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { silentLogger, systemClock } from "@loomstack/core";
import { openSqliteStore, type StaticFlowStatus, type Store, type Switches } from "@loomstack/model";
import { vi } from "vitest";
import { startController } from "../controller.ts";
import { type FlowModCounter, startFlowModCounter } from "./flow-mod-counter-under-test.ts";

/** What it takes of an Open vSwitch with a bridge br0. */
interface Bridge extends AsyncDisposable {
  vsctl(...args: readonly string[]): Promise<string>;
  ofctl(command: string, ...args: readonly string[]): Promise<string>;
}

export interface PlainSwitchUnderTest<OpenVSwitch extends Bridge> extends AsyncDisposable {
  readonly dpid: string;
  readonly store: Store;
  readonly switches: Switches;
  readonly openVSwitch: OpenVSwitch;
  /** Stands between the two. */
  readonly counter: FlowModCounter;
  /** Ends the controller, does what is to be done meanwhile, and starts another one on what it has stored. */
  restart(meanwhile?: () => Promise<unknown>): Promise<void>;
  /** Wants a flow, and waits until the switch has taken or refused it. */
  add(flow: string): Promise<StaticFlowStatus>;
  /** The flows that the switch holds, without their cookies. */
  flows(): Promise<string[]>;
}

/** @param openVSwitch is disposed with the rest */
export async function startPlainSwitchUnderTest<OpenVSwitch extends Bridge>(
  openVSwitch: OpenVSwitch,
): Promise<PlainSwitchUnderTest<OpenVSwitch>> {
  const dpid = "00000000000000a1";
  await using starting = new AsyncDisposableStack();
  starting.use(openVSwitch);
  const folder = await mkdtempDisposable(path.join(tmpdir(), "loomstack-switches-"));
  starting.defer(() => folder.remove());
  const store = starting.use(await openSqliteStore(path.join(folder.path, "store.sqlite")));
  const counter = starting.use(await startFlowModCounter());
  const start = async () => {
    const fresh = await startController({
      ...{ store, clock: systemClock, random: Math.random, logger: silentLogger },
      openflow: { host: "127.0.0.1", port: 0 },
    });
    counter.setTarget(fresh.openflowPort);
    return fresh;
  };
  let controller = await start();
  starting.defer(() => controller[Symbol.asyncDispose]());
  await openVSwitch.vsctl("set", "bridge", "br0", `other_config:datapath-id=${dpid}`);
  await openVSwitch.vsctl("set-controller", "br0", `tcp:127.0.0.1:${counter.port}`);
  await openVSwitch.vsctl("set", "controller", "br0", "max_backoff=1000");
  const isThere = (): boolean =>
    controller.switches.list().some(({ state }) => state === "discovered" || state === "ready");
  await vi.waitUntil(isThere, { timeout: 15_000, interval: 10 });
  const running = starting.move();
  return {
    ...{ dpid, store, openVSwitch, counter },
    get switches() {
      return controller.switches;
    },
    async restart(meanwhile) {
      await controller[Symbol.asyncDispose]();
      await meanwhile?.();
      controller = await start();
      await vi.waitUntil(isThere, { timeout: 15_000, interval: 10 });
    },
    add: (flow) => controller.switches.addFlow(dpid, { flow }, AbortSignal.timeout(10_000)),
    flows: async () =>
      (await openVSwitch.ofctl("dump-flows", "--no-stats"))
        .split("\n")
        .filter((line) => line.includes("actions="))
        .map((line) => line.trim().replace(/^cookie=\w+, /, ""))
        .sort(),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
