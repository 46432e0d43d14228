import { Listeners, type OfPort, silentLogger } from "@loomstack/core";
import type { PacketIn, PacketOut, SwitchConnection } from "@loomstack/openflow";
import { FakeClock } from "@loomstack/testkit";
import { beforeEach, expect, test } from "vitest";
import { intentOf, mac, networkOf, portOf, revision, uuid } from "../intent/intent-under-test.ts";
import { Placement } from "../intent/placement.ts";
import { type BridgeName, services as servicesTable } from "../pipeline/tables.ts";
import { mostPerSecond } from "./answer-pace.ts";
import { NetworkAnswers } from "./network-answers.ts";
import { defaultGuestSettings, type Service } from "./service.ts";
import { ServiceDispatcher, type ServiceDispatcherOptions } from "./service-dispatcher.ts";

const bound = (id: number, nodeKey: string, arrivingAt?: string) =>
  [uuid(id), { portId: uuid(id), nodeKey, revision, ...(arrivingAt !== undefined && { arrivingAt }) }] as const;
const ports = [11, 12, 13, 14].map((id) => portOf(uuid(id), uuid(1), mac(id), { adminStateUp: id !== 14 }));
const intent = intentOf([networkOf(1)], ports, {
  bindings: new Map([bound(11, "OVS/a"), bound(12, "OVS/b"), bound(13, "OVS/b", "OVS/a"), bound(14, "OVS/a")]),
});
/** Answers a frame that begins with 1 by the number of the port that asked; knows nothing of others. */
const echo: Service = {
  name: "echo",
  isAsked: ([first]) => first === 1 || first === 3,
  answer: ({ frame: [first], port }) => {
    if (first === 3) throw new TypeError("a service has a bug");
    const message = `port ${port.id} asked`;
    return {
      says: "hears",
      frame: Buffer.from(port.id.slice(-2)),
      event: { severity: "info", kind: "asked", message },
    };
  },
};
let sent: { at: string; port: unknown; data: string }[];
let events: unknown[];
let packetIns: ServiceDispatcherOptions["hypervisors"]["packetIns"];
let dispatcher: ServiceDispatcher;

beforeEach(() => {
  [sent, events] = [[], []];
  packetIns = new Listeners();
  const send = (at: string, message: PacketOut): void => {
    const [action] = message.actions;
    sent.push({ at, port: action?.kind === "output" && action.port, data: Buffer.from(message.data).toString() });
  };
  const hypervisor = (key: string) => ({
    portAt: (ofPort: OfPort) => (ofPort > 10 ? uuid(ofPort) : undefined),
    connection: () =>
      ({ send: (message) => send(key, message as PacketOut) }) as Partial<SwitchConnection> as SwitchConnection,
  });
  dispatcher = new ServiceDispatcher({
    intent,
    placement: Placement.of(intent),
    hypervisors: { packetIns, get: hypervisor },
    answers: new NetworkAnswers({
      ...{ intent, steps: new Listeners(), services: [echo], logger: silentLogger },
      settings: { underlayMtu: 1500, ...defaultGuestSettings },
    }),
    clock: new FakeClock(),
    logger: silentLogger,
    event: (_, kind, _message, concerned) => events.push({ kind, ...concerned }),
  });
});

function ask(inPort: number, first: number, change: { key?: string; bridge?: BridgeName; table?: number } = {}): void {
  const { key = "OVS/a", bridge = "br-int", table = servicesTable.id } = change;
  const data = Uint8Array.of(first);
  const packet = { tableId: table, match: { inPort }, totalLength: 1, data } as unknown as PacketIn;
  packetIns.tell({ key, bridge, packet });
}

test("a question is answered out of the port that it came in by, as the port that intent has there", () => {
  ask(11, 1);
  expect(sent).toEqual([{ at: "OVS/a", port: 11, data: "11" }]);
  expect(events).toEqual([{ kind: "asked", hypervisor: "OVS/a", object: `port ${uuid(11)}` }]);
  expect(dispatcher.counters).toEqual({ answered: { echo: 1 }, ignored: 0, dropped: 0 });
});

test("a guest that is on its way to here is answered here as well", () => {
  ask(13, 1);
  expect(sent).toEqual([{ at: "OVS/a", port: 13, data: "13" }]);
});

test.each([
  ["of a port that intent has on another hypervisor", 12, 1],
  ["of a port that is administratively down", 14, 1],
  ["of an interface that is no port's", 5, 1],
  ["that no service knows", 11, 2],
  ["at which a service fails", 11, 3],
])("a question %s is not answered", (_, inPort, first) => {
  ask(inPort, first);
  expect(sent).toEqual([]);
  expect(dispatcher.counters).toEqual({ answered: { echo: 0 }, ignored: 1, dropped: 0 });
});

test("packets that other tables or br-tun send are not looked at", () => {
  ask(11, 1, { bridge: "br-tun" });
  ask(11, 1, { table: 20 });
  expect(dispatcher.counters).toEqual({ answered: { echo: 0 }, ignored: 0, dropped: 0 });
});

test("a guest that asks without end is answered so often in a second, and no oftener", () => {
  for (let asked = 0; asked < 500; asked++) ask(11, 1);
  expect(sent).toHaveLength(mostPerSecond.ofPort);
  expect(dispatcher.counters.dropped).toBe(500 - mostPerSecond.ofPort);
});

test("nothing is answered once it has ended", () => {
  dispatcher[Symbol.dispose]();
  ask(11, 1);
  expect(sent).toEqual([]);
});
