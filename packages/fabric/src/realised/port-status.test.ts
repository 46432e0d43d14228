import type { Ipv4, Revision, Uuid } from "@loomstack/core";
import type { Binding, Intent, TunnelEndpoint } from "@loomstack/model";
import { beforeEach, expect, test } from "vitest";
import { intentOf, mac, networkOf, portOf, uuid } from "../intent/intent-under-test.ts";
import { portStatus, type RealisedView } from "./port-status.ts";

const revision = (n: number): Revision => n as Revision;
const network = uuid(1);
const here = uuid(11);
const there = uuid(12);
let intent: Intent;
let view: { -readonly [K in keyof RealisedView]: RealisedView[K] };

beforeEach(() => {
  const binding = (portId: Uuid, nodeKey: string): Binding => ({ portId, nodeKey, revision: revision(1) });
  const endpoint = (nodeKey: string, address: string): TunnelEndpoint => ({
    nodeKey,
    address: address as Ipv4,
    revision: revision(1),
  });
  intent = intentOf([networkOf(1)], [portOf(here, network, mac(1)), portOf(there, network, mac(1))], {
    revision: revision(5),
    bindings: new Map([
      [here, binding(here, "OVS/a")],
      [there, binding(there, "OVS/b")],
    ]),
    tunnelEndpoints: new Map([
      ["OVS/a", endpoint("OVS/a", "192.0.2.1")],
      ["OVS/b", endpoint("OVS/b", "192.0.2.2")],
    ]),
  });
  view = {
    homes: () => new Set(["OVS/a", "OVS/b"]),
    isLive: () => true,
    reason: () => "because",
    confirmed: () => revision(5),
    interfaceTrouble: () => undefined,
    tunnelTrouble: () => undefined,
    lacksVlan: () => false,
    forwards: () => true,
    carries: () => true,
    uplinkObstacle: () => undefined,
    isUp: () => true,
  };
});

test("a port is ACTIVE when all have confirmed and probes pass both ways", () => {
  expect(portStatus(intent, here, revision(5), view)).toMatchObject({ status: "ACTIVE", hypervisor: "OVS/a" });
});

test("a port is not ACTIVE before the other hypervisor has confirmed its flows", () => {
  view.confirmed = (key) => revision(key === "OVS/b" ? 4 : 5);
  expect(portStatus(intent, here, revision(5), view)).toMatchObject({
    status: "BUILD",
    reason: expect.stringContaining("OVS/b") as string,
  });
});

test.each([
  ["OVS/a", "OVS/b"],
  ["OVS/b", "OVS/a"],
])("a port is not ACTIVE while no probe passes from %s to %s", (from) => {
  view.isUp = (path) => path.from !== from;
  expect(portStatus(intent, here, revision(5), view)).toMatchObject({
    status: "BUILD",
    reason: expect.stringContaining(`from ${from}`) as string,
  });
});

test("another hypervisor that is lost holds nobody up, but its own ports are DOWN with the reason", () => {
  view.isLive = (key) => key !== "OVS/b";
  view.isUp = () => false;
  view.reason = () => "no answer";
  expect(portStatus(intent, here, revision(5), view).status).toBe("ACTIVE");
  expect(portStatus(intent, there, revision(5), view)).toMatchObject({
    status: "DOWN",
    reason: expect.stringContaining("no answer") as string,
  });
});

test("a port without an interface anywhere is DOWN, one without an OpenFlow port is in BUILD", () => {
  view.interfaceTrouble = () => "could not open network device tap1";
  expect(portStatus(intent, here, revision(5), view)).toMatchObject({
    status: "BUILD",
    reason: "could not open network device tap1",
  });
  intent.bindings.delete(here);
  expect(portStatus(intent, here, revision(5), view)).toMatchObject({ status: "DOWN", hypervisor: null });
});

test("a port whose interface has just appeared is not ACTIVE before its own flows are confirmed", () => {
  view.forwards = () => false;
  expect(portStatus(intent, here, revision(5), view)).toMatchObject({ status: "BUILD", hypervisor: "OVS/a" });
});

test.each(["OVS/a", "OVS/b"])("a port is not ACTIVE while %s has no local VLAN for its network", (key) => {
  view.carries = (other) => other !== key;
  expect(portStatus(intent, here, revision(5), view)).toMatchObject({
    status: "BUILD",
    reason: expect.stringContaining(key) as string,
  });
});

test("a port is not ACTIVE while nobody knows where the tunnels of another hypervisor end", () => {
  intent.tunnelEndpoints.delete("OVS/b");
  expect(portStatus(intent, here, revision(5), view).status).toBe("BUILD");
});

test("a port of a provider network is ACTIVE without probes and tunnels, and whatever others lack", () => {
  intent.networks.set(network, networkOf(1, { networkType: "vlan", physicalNetwork: "physnet1", segmentationId: 7 }));
  intent.tunnelEndpoints.clear();
  view.isUp = () => false;
  view.carries = (key) => key === "OVS/a";
  expect(portStatus(intent, here, revision(5), view).status).toBe("ACTIVE");
});

test("a port of a provider network is DOWN, with what to do, where no bridge leads to the physical network", () => {
  intent.networks.set(network, networkOf(1, { networkType: "flat", physicalNetwork: "physnet1" }));
  view.carries = () => false;
  view.uplinkObstacle = (key, name) => `${key} lacks ${name}`;
  expect(portStatus(intent, here, revision(5), view)).toMatchObject({
    status: "DOWN",
    reason: expect.stringContaining("OVS/a lacks physnet1") as string,
  });
  view.uplinkObstacle = () => undefined;
  expect(portStatus(intent, here, revision(5), view).status).toBe("BUILD");
});
