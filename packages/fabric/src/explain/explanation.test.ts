import type { Ipv4 } from "@loomstack/core";
import type { ExplainedFlow, HypervisorStatus } from "@loomstack/model";
import { beforeEach, expect, test } from "vitest";
import { hosts, World } from "../compile/world-under-test.ts";
import { unidentifiedStatus } from "../connecting/unidentified-status.ts";
import type { Feature } from "../features/feature.ts";
import { features } from "../features/features.ts";
import { revision, uuid } from "../intent/intent-under-test.ts";
import { cookieOf } from "../pipeline/cookies.ts";
import type { ExplainedHypervisors } from "./explained-hypervisor.ts";
import { type ExplainedWorld, explain } from "./explanation.ts";

let world: World;
let hypervisors: ExplainedHypervisors;
const statuses = { port: { status: "ACTIVE", reason: "" }, network: { status: "ACTIVE", reason: "" } } as const;
let realised: ExplainedWorld["realised"];
let waiting: HypervisorStatus[];
/** The hypervisors whose flows were computed. */
const read = new Set<string>();
/** The parts of plans that features were asked of. */
const asked = new Set<keyof Feature>();
const watchedFeatures = features.map(
  (feature) =>
    new Proxy(feature, {
      get: (target, part: keyof Feature) => {
        asked.add(part);
        return target[part];
      },
    }),
);

beforeEach(() => {
  world = new World(watchedFeatures);
  world.putNetwork(1, {});
  for (const [index, host] of hosts.slice(0, 2).entries()) {
    const node = { type: "OVS", id: host.slice(4), address: null, port: null, certificate: null };
    world.change({ resource: "node", id: host, after: { systemId: host, ...node, revision } });
    world.putEndpoint(host, `192.0.2.${index + 1}` as Ipv4);
    const id = 11 + index;
    world.putPort(id, {});
    world.bind(id, host);
    const follower = world.follower(host);
    follower.local = { ...follower.local, interfaces: new Map([[uuid(id), (10 + id) as never]]) };
  }
  for (const host of hosts) world.follower(host).settle();
  realised = { port: () => ({ ...statuses.port, hypervisor: null }), network: () => statuses.network };
  waiting = [];
  hypervisors = {
    keys: hosts,
    list: () => waiting,
    get: (key) => {
      const host = hosts.find((one) => one === key);
      if (host === undefined) return undefined;
      const { plan } = world.follower(host);
      return {
        ...{ key, state: "ready", reason: "", observed: undefined, connection: () => undefined },
        planned: (owner) => {
          read.add(key);
          return plan.desired.flows(owner);
        },
        contested: () => plan.desired.contested(),
        plans: (bridge, id) => plan.desired.of(bridge).has(id),
      };
    },
  };
});

const explained = (kind: "port" | "network" | "hypervisor" | "flow", id: string) =>
  explain({ intent: world.intent, hypervisors, realised }, { kind, id });

test("a port has its flows on its own hypervisor, and on those that send to it", () => {
  const { summary, flows } = explained("port", uuid(11));
  expect(summary).toMatch(
    new RegExp(`^port ${uuid(11)} of network ${uuid(1)}, on OVS/a: \\d+ flows on 2 hypervisors; ACTIVE$`),
  );
  expect(new Set(flows.map(({ owner }) => owner))).toEqual(new Set([`port ${uuid(11)}`]));
  expect(flows).toContainEqual({
    hypervisor: "OVS/b",
    bridge: "br-tun",
    table: "encapsulate",
    feature: "overlay",
    owner: `port ${uuid(11)}`,
    alsoFor: [],
    why: "the port is behind this tunnel endpoint",
    flow: expect.stringMatching(/table=encapsulate, priority=100,.*dl_dst=.* actions=.*192.0.2.1->tun_dst/) as string,
  });
});

test("a port that moves has its flows on the hypervisor that it is on its way to, too", () => {
  world.bind(12, "OVS/a");
  world.bind(12, "OVS/a", "OVS/b");
  for (const host of hosts) world.follower(host).settle();
  const { summary, flows } = explained("port", uuid(12));
  expect(summary).toContain(", on OVS/a, on its way to OVS/b: ");
  expect(new Set(flows.map(({ hypervisor }) => hypervisor))).toContain("OVS/b");
  expect(explained("hypervisor", "OVS/b").flows.some(({ hypervisor }) => hypervisor === "OVS/a")).toBe(true);
});

test("a port and a network that aren't ACTIVE say why", () => {
  const reason = "hypervisor OVS/b: its database can't be reached";
  realised = {
    port: () => ({ status: "BUILD", reason, hypervisor: null }),
    network: () => ({ status: "DOWN", reason }),
  };
  expect(explained("port", uuid(11)).summary).toMatch(
    /: \d+ flows on 2 hypervisors; BUILD, because hypervisor OVS\/b: /,
  );
  expect(explained("network", uuid(1)).summary).toContain(`; DOWN, because ${reason}`);
});

test("a hypervisor that isn't managed yet says why", () => {
  const node = { type: "OVS", id: "z", address: "192.0.2.9", port: 6640 };
  waiting = [{ ...unidentifiedStatus({ name: "OVS/z", node, refusal: "it shows no certificate" } as never) }];
  for (const name of ["OVS/z", "z"])
    expect(explained("hypervisor", name)).toEqual({
      summary:
        "hypervisor OVS/z is refused, because it shows no certificate; until it is managed, there are no flows of it",
      flows: [],
    });
});

test("a flow that two ask for names both, and is found for either", () => {
  world.putEndpoint("OVS/b", "192.0.2.3" as Ipv4);
  world.putEndpoint("OVS/c", "192.0.2.3" as Ipv4);
  world.putPort(13, {});
  world.bind(13, "OVS/c");
  for (const host of hosts) world.follower(host).settle();
  const both = ["OVS/b", "OVS/c"].map((host) =>
    explained("hypervisor", host).flows.filter(({ hypervisor, table, bridge }) => {
      return `${hypervisor} ${bridge} ${table}` === "OVS/a br-tun classify";
    }),
  );
  expect(both[0]).toEqual([expect.objectContaining({ flow: expect.stringContaining("tun_src=192.0.2.3") as string })]);
  expect(both[1]).toEqual(both[0]);
  const [known] = both[0] ?? [];
  expect([known?.owner, ...(known?.alsoFor ?? [])].sort()).toEqual(["hypervisor OVS/b", "hypervisor OVS/c"]);
  expect(explained("flow", known?.flow ?? "").flows).toContainEqual(known);
});

test("a network has its own flows and those of its ports; a hypervisor all of its own, and others' because of it", () => {
  const owners = (id: string, kind: "network" | "hypervisor"): Set<string> =>
    new Set(explained(kind, id).flows.map(({ owner }) => owner));
  expect(owners(uuid(1), "network")).toEqual(new Set([`network ${uuid(1)}`, `port ${uuid(11)}`, `port ${uuid(12)}`]));
  expect([...owners("OVS/a", "hypervisor")]).toEqual(
    expect.arrayContaining(["pipeline", `network ${uuid(1)}`, "hypervisor OVS/a", "hypervisor OVS/b"]),
  );
  expect(explained("hypervisor", "OVS/a").flows.filter(({ hypervisor }) => hypervisor === "OVS/b")).toMatchObject([
    { owner: "hypervisor OVS/a", table: "classify", bridge: "br-tun" },
  ]);
});

test("a cookie stands for an object of ours, for one that has gone, or for somebody else", () => {
  const cookie = (owner: string): string => `0x${cookieOf(owner).toString(16)}`;
  const { summary, flows } = explained("flow", cookie(`port ${uuid(12)}`));
  expect(summary).toMatch(new RegExp(`stands for port ${uuid(12)}: ${flows.length} flows on 2 hypervisors$`));
  expect(flows).toEqual(explained("port", uuid(12)).flows);
  expect(explained("flow", cookie("port gone"))).toMatchObject({
    flows: [],
    summary: expect.stringMatching(/is one of ours, but/) as string,
  });
  expect(explained("flow", "cookie=0x1")).toMatchObject({
    flows: [],
    summary: expect.stringMatching(/is not one of ours/) as string,
  });
});

test("the text of a flow is found with numbers and with names, and other actions are told apart", () => {
  const [known] = explained("port", uuid(12)).flows.filter(
    ({ table, bridge }) => `${bridge} ${table}` === "br-int forward",
  );
  const text = known?.flow ?? "";
  expect(explained("flow", text).flows).toContainEqual(known);
  const dumped = text.replace("table=forward", "duration=3.5s, table=30, n_packets=1, n_bytes=60");
  expect(explained("flow", dumped).summary).toMatch(
    /^2 flows on 2 hypervisors with this table, priority and match; with these actions on OVS\/[ab]$/,
  );
  expect(explained("flow", dumped.replace(/actions=.*/, "actions=drop")).summary).toMatch(
    /match; with these actions on none$/,
  );
  expect(explained("flow", "table=99,actions=drop").flows).toEqual([]);
});

test("for a flow without a cookie, no flows are computed of hypervisors that shouldn't hold it", () => {
  const [known] = explained("port", uuid(12)).flows.filter(({ table }) => table === "encapsulate");
  read.clear();
  const text = (known?.flow ?? "").replace(/cookie=\w+, */, "");
  expect(explained("flow", text).flows).toEqual([known]);
  expect([...read]).toEqual(["OVS/a"]);
  read.clear();
  expect(explained("flow", "table=30,priority=1,dl_dst=02:00:00:00:00:99 actions=drop").flows).toEqual([]);
  expect([...read]).toEqual([]);
});

test.each<[string, ...(keyof Feature)[]]>([
  ["pipeline", "hypervisor"],
  ["hypervisor OVS/b", "peer"],
  [`network ${uuid(1)}`, "network"],
  [`port ${uuid(12)}`, "localPort"],
])("of the cookie of %s, and of a flow that has it, only the flows of that are computed", (owner, ...parts) => {
  const onA = (one: ExplainedFlow): boolean => one.hypervisor === "OVS/a";
  const whole = explained("hypervisor", "OVS/a").flows.filter((one) => onA(one) && one.owner === owner);
  asked.clear();
  const found = explained("flow", `0x${cookieOf(owner).toString(16)}`).flows.filter(onA);
  expect(found).toHaveLength(whole.length);
  expect(found).toEqual(expect.arrayContaining(whole));
  const [known] = whole;
  expect(explained("flow", known?.flow ?? "").flows).toContainEqual(known);
  // What a port's flows are elsewhere may be known already.
  expect([...asked].filter((part) => part !== "port" && part !== "remotePort")).toEqual(parts);
});

test("a flow with another one's cookie is found all the same", () => {
  const [known] = explained("port", uuid(12)).flows;
  const cookie = cookieOf("pipeline").toString(16);
  expect(explained("flow", (known?.flow ?? "").replace(/cookie=\w+/, `cookie=0x${cookie}`)).flows).toContainEqual(
    known,
  );
});

test("what there isn't, and what can't be read, is an error", () => {
  expect(() => explained("port", uuid(1))).toThrow(`there is no port ${uuid(1)}, but a network that is called so`);
  for (const [kind, id] of [
    ["port", uuid(99)],
    ["network", uuid(99)],
    ["hypervisor", "OVS/z"],
  ] as const)
    expect(() => explained(kind, id)).toThrow(expect.objectContaining({ code: "MODEL__NOT_FOUND" }) as Error);
  expect(() => explained("flow", "nonsense=1 actions=drop")).toThrow(
    expect.objectContaining({ code: "OPENFLOW__INVALID_TEXT" }) as Error,
  );
});
