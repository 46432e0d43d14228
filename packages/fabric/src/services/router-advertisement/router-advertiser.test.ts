import { Listeners, type OfPort, type Revision, silentLogger, type Uuid } from "@loomstack/core";
import type { Change, Subnet } from "@loomstack/model";
import type { PacketOut, SwitchConnection } from "@loomstack/openflow";
import { FakeClock } from "@loomstack/testkit";
import { beforeEach, expect, test } from "vitest";
import { applyStep, type IntentStep } from "../../intent/intent-step.ts";
import { intentOf, mac, networkOf, portOf, revision, subnetOf, uuid } from "../../intent/intent-under-test.ts";
import { Placement } from "../../intent/placement.ts";
import { defaultGuestSettings } from "../service.ts";
import { pace, refreshMs, RouterAdvertiser } from "./router-advertiser.ts";
import { readAdvertisement } from "./router-advertisement-under-test.ts";

const slaac = { enableDhcp: true, ipv6RaMode: "slaac", ipv6AddressMode: "slaac" } as const;
const advertised = subnetOf(21, uuid(1), "2001:db8::/64", slaac);
const host = "OVS/a";
const day = 86_400;

let intent: ReturnType<typeof intentOf>;
let placement: Placement;
let clock: FakeClock;
let steps: Listeners<IntentStep>;
let changed: Listeners<string>;
let dropped: Listeners<string>;
/** The ports whose flows are in place. */
let confirmed: Set<Uuid>;
let connection: SwitchConnection | undefined;
/** What was sent: the OpenFlow port and the prefixes. */
let sent: string[];
let searchLists: (readonly string[])[];
let advertiser: RouterAdvertiser;

const ofPortOf = (port: Uuid): OfPort => Number(port.slice(-4)) as OfPort;

function connect(): void {
  connection = {
    send: (message) => {
      const { actions, data } = message as PacketOut;
      const [output] = actions;
      searchLists.push(readAdvertisement(data)?.searchLists ?? []);
      sent.push(`${output?.kind === "output" ? output.port : "?"} ${readAdvertisement(data)?.prefixes.join(", ")}`);
    },
  } as Partial<SwitchConnection> as SwitchConnection;
  changed.tell(host);
}

function change(...changes: readonly object[]): void {
  const commit = { revision: (intent.revision + 1) as Revision, changes: changes as readonly Change[] };
  steps.tell(applyStep(intent, placement, commit));
}

/** Port `n` of a network, whose flows are in place on the host. */
function plug(n: number, network = 1): void {
  const port = portOf(uuid(n), uuid(network), mac(n % 256));
  change({ resource: "port", id: port.id, after: port });
  const binding = { portId: port.id, nodeKey: host, revision };
  change({ resource: "binding", id: port.id, after: binding });
  confirmed.add(port.id);
}

const putSubnet = (after: Subnet | undefined, before: Subnet | undefined = intent.subnets.get(advertised.id)): void =>
  change({ resource: "subnet", id: advertised.id, ...(before && { before }), ...(after && { after }) });
const whole = `2001:db8::/64 c0 ${30 * day} ${7 * day}`;

beforeEach(() => {
  intent = intentOf([networkOf(1), networkOf(2)], [], {
    subnets: new Map([[advertised.id, advertised]]),
    subnetsByNetwork: new Map([[uuid(1), new Set([advertised.id])]]),
  });
  placement = new Placement();
  clock = new FakeClock();
  [steps, changed, dropped] = [new Listeners(), new Listeners(), new Listeners()];
  confirmed = new Set();
  connection = undefined;
  sent = [];
  searchLists = [];
  const confirmedPort = (port: Uuid): OfPort | undefined => (confirmed.has(port) ? ofPortOf(port) : undefined);
  advertiser = new RouterAdvertiser({
    ...{ intent, placement, steps, clock, logger: silentLogger, random: () => 1 },
    hypervisors: { changed, dropped, get: () => ({ confirmedPort, connection: () => connection }) },
    settings: { underlayMtu: 1500, ...defaultGuestSettings },
  });
});

test("a port hears its network's prefixes once its flows are in place, and ports of other networks nothing", () => {
  connect();
  plug(11);
  plug(12, 2);
  confirmed.clear();
  clock.turn(1_000);
  expect(sent).toEqual([]);
  confirmed.add(uuid(11)).add(uuid(12));
  changed.tell(host);
  clock.turn(1_000);
  expect(sent).toEqual([`11 ${whole}`]);
  changed.tell(host);
  clock.turn(1_000);
  expect(sent).toHaveLength(1);
});

test("a network that gets another domain says so, and takes the one back that guests knew", () => {
  connect();
  plug(11);
  clock.turn(1_000);
  const [before, after] = [networkOf(1), networkOf(1, { dnsDomain: "example.org" })];
  change({ resource: "network", id: uuid(1), before, after });
  clock.turn(1_000);
  const hex = (name: string): string => Buffer.from(name).toString("hex");
  expect(searchLists.at(-1)?.map((list) => list.replace(/(00)+$/, ""))).toEqual([
    `0 ${hex("\x09loomstack\x08internal")}`,
    `${7 * day} ${hex("\x07example\x03org")}`,
  ]);
  change({ resource: "network", id: uuid(2), before: networkOf(2), after: networkOf(2, { dnsDomain: "example.org" }) });
  plug(12, 2);
  clock.turn(1_000);
  expect(sent).toHaveLength(2);
});

test("a network without a mode costs nothing: no timer waits but the one for all", () => {
  connect();
  plug(12, 2);
  change({ resource: "network", id: uuid(2), before: networkOf(2), after: networkOf(2, { mtu: 1300 }) });
  expect(clock.waiting).toBe(1);
});

test("what a network says anew is told to its ports: prefixes, MTU, resolvers", () => {
  connect();
  plug(11);
  clock.turn(1_000);
  change({ resource: "network", id: uuid(1), before: networkOf(1), after: networkOf(1, { mtu: 1300 }) });
  clock.turn(1_000);
  putSubnet({ ...advertised, dnsNameservers: ["2001:db8::53" as never] });
  clock.turn(1_000);
  expect(sent).toHaveLength(3);
  // Its name is nothing to guests, and their kernels know of their own addresses.
  change({ resource: "network", id: uuid(1), before: networkOf(1), after: networkOf(1, { name: "n" }) });
  clock.turn(1_000);
  expect(sent).toHaveLength(3);
});

test("a prefix that goes is taken back, also when the network has no other", () => {
  connect();
  plug(11);
  clock.turn(1_000);
  putSubnet(undefined);
  clock.turn(1_000);
  expect(sent.at(-1)).toBe("11 2001:db8::/64 c0 0 0");
  // It comes again before the guest was told that it went.
  confirmed.clear();
  putSubnet(advertised);
  putSubnet(undefined);
  putSubnet(advertised);
  confirmed.add(uuid(11));
  changed.tell(host);
  clock.turn(1_000);
  expect(sent.slice(2)).toEqual([`11 ${whole}`]);
});

test("ports are told a few at a time, each once", () => {
  for (let n = 100; n < 200; n += 1) plug(n);
  connect();
  clock.turn(pace.everyMs);
  expect(sent).toHaveLength(pace.ports);
  clock.turn(pace.everyMs * 10);
  expect(new Set(sent).size).toBe(100);
  expect(sent).toHaveLength(100);
});

test("a switch that is there anew has its ports told, and one that stays doesn't", () => {
  plug(11);
  connect();
  clock.turn(1_000);
  connection = undefined;
  changed.tell(host);
  connect();
  clock.turn(1_000);
  expect(sent).toHaveLength(2);
});

test("lifetimes are extended now and then, well before they end", () => {
  connect();
  plug(11);
  clock.turn(1_000);
  clock.turn(2 * refreshMs);
  expect(sent).toHaveLength(3);
  expect(refreshMs / 1_000).toBeLessThan((7 * day) / 2);
});

test("a port that is gone, or elsewhere, and a hypervisor that is gone, are told nothing", () => {
  connect();
  for (const n of [11, 12, 13]) plug(n);
  const [port, moved] = [intent.ports.get(uuid(11)), intent.bindings.get(uuid(12))];
  change({ resource: "port", id: uuid(11), before: port });
  change({ resource: "binding", id: uuid(12), before: moved, after: { ...moved, nodeKey: "OVS/b" } });
  confirmed.delete(uuid(12));
  clock.turn(1_000);
  expect(sent).toEqual([`13 ${whole}`]);
  plug(14);
  dropped.tell(host);
  clock.turn(1_000);
  expect(sent).toHaveLength(1);
});

test("nothing waits once it is over", () => {
  connect();
  plug(11);
  advertiser[Symbol.dispose]();
  expect(clock.waiting).toBe(0);
});
