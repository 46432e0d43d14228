/** What docs/explain.md shows of traces is what they say. */
import { readFileSync } from "node:fs";
import type { Ip } from "@loomstack/core";
import { type Intent, loadIntent, type Trace, type TraceRequest } from "@loomstack/model";
import { parseFlow } from "@loomstack/openflow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isMissing, withOpenVSwitch } from "../controller-under-test.ts";
import { uuid } from "../intent/intent-under-test.ts";
import type { ObservedBridge } from "../inventory/observed-bridges.ts";
import type { PathCapacity } from "../paths/path-measure.ts";
import type { BridgeName } from "../pipeline/tables.ts";
import { answersOf } from "../services/network-answers-under-test.ts";
import { readHeld } from "./explained-hypervisor.ts";
import { type HeldBridge, type HeldHypervisor, type HeldPort, heldPorts } from "./held-hypervisor.ts";
import { liveVerdict } from "./live/live-verdict.ts";
import { traceOver } from "./packet-trace.ts";
import { ip, joinPhysicalNetwork, mac, ping as pingOutside } from "./physical-network-under-test.ts";
import { macOf, ping, to, TracedHypervisors } from "./traced-hypervisors-under-test.ts";

const page = readFileSync(new URL("../../../../docs/explain.md", import.meta.url), "utf8");
const lines = page.split("\n");
/** The verdicts of the page's table. */
const rows = lines.flatMap((line) => /^\| `(.*)` \|/.exec(line)?.[1] ?? []);
const ours = "table=30,priority=200,dl_dst=02:00:00:00:00:12";

/** `…` stands for anything; `a` and `b` are the hypervisors, and physnet1 is called otherwise in tests. */
function patternOf(row: string): RegExp {
  const named = row.replaceAll("physnet1", "phys1").replace(/\b([ab])(?=,| to\b| towards\b| …| can't)/g, "system-$1");
  return new RegExp(`^${named.split("…").map(RegExp.escape).join(".*")}$`);
}

/** As the page names hypervisors and shortens ids. */
function shortened(text: string): string {
  const named = text.replaceAll("system-a", "host-1").replaceAll("system-b", "host-2");
  return named.replace(/00000000-0000-4000-8000-0*(\d+)/g, "…$1");
}

/** The bridge as Open vSwitch's database tells of it where no interface has a link. */
function linkless(bridge: ObservedBridge): ObservedBridge {
  const ports = [...bridge.ports].map(([name, port]) => {
    const interfaces = port.interfaces.map((one) => ({ ...one, row: { ...one.row, link_state: "down" as const } }));
    return [name, { ...port, interfaces }] as const;
  });
  return { ...bridge, ports: new Map(ports) };
}

describe.skipIf(isMissing)(`the traces of the documentation, ${withOpenVSwitch}`, { timeout: 30_000 }, () => {
  let hypervisors: TracedHypervisors;
  let intent: Intent;
  let held: ReadonlyMap<string, HeldHypervisor>;

  beforeAll(async () => {
    hypervisors = await TracedHypervisors.start();
    await joinPhysicalNetwork(hypervisors);
    intent = await loadIntent(hypervisors.world.store);
    const all = await Promise.all(["system-a", "system-b"].map(async (key) => [key, await heldBy(key)] as const));
    held = new Map(all);
  }, 30_000);
  afterAll(async () => hypervisors[Symbol.asyncDispose]());

  async function heldBy(key: string): Promise<HeldHypervisor> {
    const seen = await readHeld(hypervisors.registry.get(key) ?? expect.fail(key));
    return typeof seen === "string" ? expect.fail(seen) : seen;
  }
  const trace = (
    request: TraceRequest,
    changed: Readonly<Record<string, HeldHypervisor | string>> = {},
    capacity: PathCapacity = "carried",
  ): Trace => {
    const seen = new Map([...held, ...Object.entries(changed)]);
    const known = { intent, answers: answersOf(intent), hypervisors: seen, paths: { get: () => capacity } };
    return traceOver(known, request).trace;
  };
  /** A hypervisor of which one bridge holds something else. */
  const changed = (key: string, bridge: BridgeName, change: (before: HeldBridge) => Partial<HeldBridge>) => {
    const before = held.get(key) ?? expect.fail(key);
    const ofBridge = before.bridges.get(bridge) ?? expect.fail(bridge);
    const bridges = new Map(before.bridges).set(bridge, { ...ofBridge, ...change(ofBridge) });
    return { [key]: { ...before, bridges } };
  };
  const withFlow = (text: string) =>
    changed("system-a", "br-int", ({ flows }) => ({ flows: [...flows, parseFlow(text)] }));
  const withoutPort = (key: string, bridge: BridgeName, name: RegExp) =>
    changed(key, bridge, ({ ports }) => ({ ports: new Map([...ports].filter(([, port]) => !name.test(port.name))) }));
  /** What delivers to the second guest. */
  const delivering = ({ flows }: HeldBridge) =>
    flows.find(({ tableId, match }) => tableId === 30 && match.ethDst === macOf(12)) ??
    expect.fail("no flow delivers to the guest");
  const withMtu = (mtu: number) =>
    changed("system-b", "br-int", ({ ports }) => ({
      ports: new Map([...ports].map(([of, port]): [typeof of, HeldPort] => [of, { ...port, mtu }])),
    }));
  const withoutLinks = (key: string) => {
    const observed = hypervisors.registry.get(key)?.observed ?? expect.fail(key);
    const bridges = new Map([...observed.bridges].map(([name, bridge]) => [name, linkless(bridge)] as const));
    const ports = heldPorts(bridges).get("br-int") ?? expect.fail(key);
    return changed(key, "br-int", () => ({ ports }));
  };

  const verdicts = (): string[] =>
    [
      ...[
        trace(ping(to(13), { sourceIp: to(9) })),
        trace(ping(to(13), { from: uuid(14) })),
        trace(ping(macOf(77))),
        trace(ping(to(15))),
        trace(ping("169.254.169.253" as Ip)),
        trace(ping(to(12), { from: uuid(15) })),
      ],
      ...[
        changed("system-b", "br-int", (of) => ({ flows: of.flows.filter((flow) => flow !== delivering(of)) })),
        changed("system-b", "br-int", (of) => ({
          flows: of.flows.map((flow) => (flow === delivering(of) ? { ...flow, instructions: [] } : flow)),
        })),
        withFlow(`cookie=0x1,${ours},actions=drop`),
        withFlow(`cookie=0x4c53000000000001,${ours},actions=drop`),
        withFlow(`cookie=0x1,${ours},actions=output:3`),
        withFlow(`cookie=0x1,${ours},actions=NORMAL`),
        withoutPort("system-a", "br-tun", /vxlan/),
        withoutPort("system-b", "br-tun", /vxlan/),
        withoutLinks("system-a"),
        withoutLinks("system-b"),
        { "system-b": "its switch is stopped" },
      ].map((broken) => trace(ping(to(12)), broken)),
      trace(ping(to(12), { size: 1_450 }), withMtu(1_400)),
      trace(ping(to(12)), {}, "silent"),
      trace(ping(to(12), { size: 1_450 }), {}, "too-large"),
      trace(pingOutside(ip(22)), withoutPort("system-b", "br-int", /phys1/)),
      trace(pingOutside(ip(22))),
      trace(pingOutside(mac(99))),
    ].map(({ verdict }) => verdict);

  test.each(rows)("a verdict is: %s", (row) => {
    expect(verdicts()).toContainEqual(expect.stringMatching(patternOf(row)));
  });

  test("a packet's way is as the example has it, table by table", () => {
    const { packet, bytes, verdict, steps } = trace(ping(to(12), { protocol: { name: "tcp", destinationPort: 80 } }));
    const way = lines.slice(lines.findIndex((line) => line === "    Its way") + 3);
    const shown = way.slice(0, way.indexOf("")).map((line) => line.replace(/[ …]+$/, ""));
    expect(shown).toHaveLength(steps.length);
    for (const [index, { depth, hypervisor, bridge, table, remarks, owner, why }] of steps.entries()) {
      const text = [hypervisor, bridge, table, remarks.join("; ") || "goes on", owner, why].join(" ");
      const line = shown[index] ?? "";
      expect(/^ */.exec(line)?.[0]).toHaveLength(4 + 2 * depth);
      expect(shortened(text).startsWith(line.trim().replace(/\s+/g, " ")), `${line} is ${shortened(text)}`).toBe(true);
    }
    for (const [property, value] of Object.entries({ packet, bytes, verdict }))
      expect(lines.map((line) => shortened(line).trim())).toContain(
        `${property.padEnd(8)} ${shortened(String(value))}`,
      );
  });

  test("the verdict of a live trace is as the example has it", () => {
    const walked = trace(ping(to(12), { protocol: { name: "tcp", destinationPort: 80 } }));
    const seen = walked.steps.map((step) => ({ ...step, what: "packet" as const, afterMs: 2 }));
    const place = { hypervisor: "system-a", bridge: "br-int", table: "forward" };
    const answer = { ...place, what: "answer" as const, afterMs: 4 };
    const live = { packetsSent: 1, unwatched: [], seen: [...seen, answer], answered: true };
    const { verdict } = liveVerdict(walked, live, { deliver: true, answer: undefined });
    expect(lines).toContain(`    verdict      ${shortened(verdict)}`);
  });

  test("the network's own answer is as the example has it", () => {
    const { verdict } = trace(ping("255.255.255.255" as Ip, { protocol: { name: "udp", destinationPort: 67 } }));
    expect(lines).toContain(`    verdict  ${shortened(verdict)}`);
  });
});
