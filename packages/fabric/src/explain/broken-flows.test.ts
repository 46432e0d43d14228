/** Traces over what switches hold while nothing puts it right. */
import type { OfPort } from "@loomstack/core";
import { type Intent, loadIntent, type Trace } from "@loomstack/model";
import { parseFlow } from "@loomstack/openflow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isMissing, withOpenVSwitch } from "../controller-under-test.ts";
import type { OpenVSwitchUnderTest } from "../open-vswitch-under-test.ts";
import { type BridgeName, bridgeNames } from "../pipeline/tables.ts";
import { readHeld } from "./explained-hypervisor.ts";
import type { HeldHypervisor } from "./held-hypervisor.ts";
import { portNames } from "./ofproto-trace-under-test.ts";
import { answersOf } from "../services/network-answers-under-test.ts";
import { traceOver } from "./packet-trace.ts";
import { carriesAll, ping, to, TracedHypervisors } from "./traced-hypervisors-under-test.ts";

describe.skipIf(isMissing)(`tracing past what is broken, ${withOpenVSwitch}`, { timeout: 30_000 }, () => {
  let hypervisors: TracedHypervisors;
  let a: OpenVSwitchUnderTest;
  let b: OpenVSwitchUnderTest;
  let intent: Intent;
  const held = new Map<string, HeldHypervisor | string>();

  beforeAll(async () => {
    hypervisors = await TracedHypervisors.start();
    ({ a, b } = hypervisors);
    const { registry, world } = hypervisors;
    for (const key of registry.keys) held.set(key, await readHeld(registry.get(key) ?? expect.fail(key)));
    intent = await loadIntent(world.store);
    await world.controller[Symbol.asyncDispose]();
  }, 30_000);
  afterAll(async () => hypervisors[Symbol.asyncDispose]());

  const look = async (): Promise<void> => {
    const [ofA, ofB] = await Promise.all([heldNow(held.get("system-a"), a), heldNow(held.get("system-b"), b)]);
    held.set("system-a", ofA).set("system-b", ofB);
  };
  /** Traces over what the switches hold now, and compares with ofproto/trace. */
  const trace = async (request = ping(to(12))): Promise<Trace> => {
    await look();
    const result = traceOver({ intent, answers: answersOf(intent), hypervisors: held, paths: carriesAll }, request);
    expect(result.walk?.unseen).toEqual(new Set());
    await hypervisors.compare(result.trace);
    return result.trace;
  };
  /** The flow as ovs-ofctl has it, and without its cookie and actions. */
  const flowOf = async (host: OpenVSwitchUnderTest, bridge: BridgeName, pattern: RegExp) => {
    const text = (await host.flows(bridge)).find((line) => pattern.test(line)) ?? expect.fail(String(pattern));
    return { text, key: text.replace(/cookie=\w+, /, "").replace(/ actions=.*/, "") };
  };

  test.each<[string, "a" | "b", BridgeName, RegExp, string]>([
    [
      "where it is encapsulated",
      "a",
      "br-tun",
      /table=10.*dl_dst=02:00:00:00:00:12/,
      "system-a, br-tun table encapsulate",
    ],
    ["where the tunnel ends", "b", "br-tun", /tun_src=192.0.2.1/, "system-b, br-tun table classify"],
    ["where it is delivered", "b", "br-int", /table=30.*dl_dst=02:00:00:00:00:12/, "system-b, br-int table forward"],
    ["of a table's misses", "a", "br-int", /table=20, priority=0 /, "system-a, br-int table arpResponder"],
  ])("a flow that is missing %s is named", async (_, hypervisor, bridge, pattern, where) => {
    const host = hypervisor === "a" ? a : b;
    const { text, key } = await flowOf(host, bridge, pattern);
    await host.ofctl("del-flows", bridge, "--strict", key);
    expect(await trace()).toMatchObject({
      reached: false,
      verdict: expect.stringContaining(
        `dropped on ${where}: the switch doesn't hold a flow that should be there: `,
      ) as string,
    });
    await host.ofctl("add-flow", bridge, text);
  });

  test.each<[string, string, RegExp]>([
    [
      "drops it",
      "drop",
      /^dropped on system-a, br-int table forward: the packet is taken by a flow that isn't ours: .*cookie=0x1.*; ours for it is .*dl_dst=02:00:00:00:00:12/,
    ],
    [
      "sends it to another guest",
      "output:3",
      /^the packet is output to port \S+13 .*, and not to port \S+12; on its way, .*isn't ours/,
    ],
    [
      "goes on as ours would not",
      "push_vlan:0x8100,set_field:5000->vlan_vid,output:1",
      /^dropped on system-a, br-tun table encapsulate: .*local VLAN 904; on its way, system-a, br-int table forward: .*isn't ours/,
    ],
    [
      "outputs to nowhere",
      "output:99",
      /^dropped on system-a, br-int: it is output to port 99, which isn't there; on its way/,
    ],
  ])("a foreign flow that %s is blamed", async (_, actions, verdict) => {
    const key = "table=30,priority=200,dl_dst=02:00:00:00:00:12";
    await a.ofctl("add-flow", "br-int", `cookie=0x1,${key},actions=${actions}`);
    expect(await trace()).toMatchObject({ reached: false, verdict: expect.stringMatching(verdict) as string });
    await a.ofctl("del-flows", "br-int", "--strict", key);
  });

  test("a flow of ours that should be gone is told from somebody else's", async () => {
    const key = "table=30,priority=200,dl_dst=02:00:00:00:00:12";
    await a.ofctl("add-flow", "br-int", `cookie=0x4c53000000000001,${key},actions=drop`);
    expect((await trace()).verdict).toMatch(
      /: the packet is taken by a flow of ours that should be gone: .*; in its place/,
    );
    await a.ofctl("del-flows", "br-int", "--strict", key);
  });

  test("registers don't pass a patch", async () => {
    const key = "table=10,priority=200,reg0=1";
    await a.ofctl("add-flow", "br-tun", `cookie=0x1,${key},actions=drop`);
    expect((await trace()).reached).toBe(true);
    await a.ofctl("del-flows", "br-tun", "--strict", key);
  });

  test("a foreign flow whose actions aren't understood is named, and nothing is guessed", async () => {
    const key = "table=30,priority=200,dl_dst=02:00:00:00:00:12";
    await a.ofctl("add-flow", "br-int", `cookie=0x1,${key},actions=NORMAL`);
    await look();
    const unclear = traceOver(
      { intent, answers: answersOf(intent), hypervisors: held, paths: carriesAll },
      ping(to(12)),
    ).trace;
    expect(unclear.verdict).toMatch(
      /^unclear in system-a, br-int table forward: this flow's action NORMAL isn't understood/,
    );
    await a.ofctl("del-flows", "br-int", "--strict", key);
  });

  test("a flow of ours that was changed is named with what it should be", async () => {
    const { text, key } = await flowOf(b, "br-int", /table=30.*dl_dst=02:00:00:00:00:12/);
    await b.ofctl("mod-flows", "br-int", "--strict", `${key},actions=drop`);
    expect((await trace()).verdict).toMatch(
      /^dropped on system-b, br-int table forward: a flow of ours is not as it should be: it is .*actions=drop, and should be .*actions=output:tap12/,
    );
    await b.ofctl("add-flow", "br-int", text);
  });

  test("a tunnel port that is missing is named, on either side", async () => {
    await b.vsctl("del-port", "loom-vxlan");
    const there = await trace();
    expect(there.verdict).toBe("dropped on system-b, br-tun: it has no vxlan tunnel port to receive it by");
    await a.vsctl("del-port", "loom-vxlan");
    expect((await trace()).verdict).toMatch(
      /^dropped on system-a, br-tun: it is output to port \d+, which isn't there$/,
    );
  });
});

/** The same hypervisor with the flows and the ports that its switch has now. */
async function heldNow(
  before: HeldHypervisor | string | undefined,
  host: OpenVSwitchUnderTest,
): Promise<HeldHypervisor> {
  if (typeof before !== "object") throw new TypeError("the hypervisor could not be seen");
  const bridges = new Map(before.bridges);
  for (const bridge of bridgeNames) {
    const [names, lines] = await Promise.all([portNames(host, bridge), host.flows(bridge)]);
    const ports = [...(before.bridges.get(bridge)?.ports ?? [])].filter(([port]) => names.has(String(port)));
    const flows = lines.map((line) => parseFlow(line));
    bridges.set(bridge, { flows, ports: new Map<OfPort, (typeof ports)[number][1]>(ports) });
  }
  return { ...before, bridges };
}
