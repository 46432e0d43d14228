import type { Revision } from "@loomstack/core";
import type { Binding } from "@loomstack/model";
import { beforeEach, expect, test } from "vitest";
import { intentOf, mac, networkOf, portOf, uuid } from "../intent/intent-under-test.ts";
import { objectRealised } from "./object-realised.ts";
import type { RealisedView } from "./port-status.ts";

const revision = (n: number): Revision => n as Revision;
const network = uuid(1);
const port = uuid(11);
const binding: Binding = { portId: port, nodeKey: "OVS/a", revision: revision(3) };
const intent = intentOf([networkOf(1)], [portOf(port, network, mac(1))], { bindings: new Map([[port, binding]]) });
const follower = { intent, revisionOf: () => revision(5) };
let view: { -readonly [K in keyof RealisedView]: RealisedView[K] };

beforeEach(() => {
  view = {
    homes: () => new Set(["OVS/a", "OVS/b"]),
    isLive: () => true,
    reason: () => "its switches are being asked",
    confirmed: () => revision(5),
    interfaceTrouble: () => undefined,
    tunnelTrouble: () => undefined,
    lacksVlan: () => false,
    uplinkObstacle: () => undefined,
    forwards: () => true,
    carries: () => true,
    isUp: () => true,
  };
});

test("a network is realised when all hypervisors that hold it have confirmed its last change", () => {
  expect(objectRealised(follower, "network", network, view)).toMatchObject({ revision: 5, realised: true });
  view.confirmed = (key) => revision(key === "OVS/b" ? 4 : 5);
  expect(objectRealised(follower, "network", network, view)).toMatchObject({
    realised: false,
    reason: "hypervisor OVS/b: it has not confirmed its flows yet: its switches are being asked",
    hypervisors: [
      { who: "OVS/a", confirmed: 5, realised: true },
      { who: "OVS/b", confirmed: 4, realised: false },
    ],
  });
});

test("a port's last change is its own: what happens to its neighbours doesn't undo it", () => {
  view.confirmed = () => revision(3);
  expect(objectRealised(follower, "port", port, view)).toMatchObject({ revision: 3, realised: true });
  expect(objectRealised(follower, "network", network, view)).toMatchObject({ revision: 5, realised: false });
});

test("a hypervisor that can't be seen holds nobody up, and is named", () => {
  view.isLive = (key) => key === "OVS/a";
  expect(objectRealised(follower, "network", network, view)).toMatchObject({
    realised: true,
    reason: "every hypervisor concerned that can be seen has confirmed its flows; 1 can't be seen",
    hypervisors: [{ realised: true }, { realised: false, reason: expect.stringContaining("can't be seen") as string }],
  });
});

test("a network that is nowhere is realised, one without a local VLAN isn't, and each says why", () => {
  view.lacksVlan = () => true;
  expect(objectRealised(follower, "network", network, view)).toMatchObject({
    realised: false,
    reason: expect.stringContaining("no local VLAN left") as string,
  });
  view.homes = () => new Set();
  expect(objectRealised(follower, "network", network, view)).toMatchObject({
    realised: true,
    reason: expect.stringContaining("no hypervisor holds a port of the network") as string,
  });
  expect(objectRealised(follower, "port", uuid(99), view)).toMatchObject({
    realised: false,
    reason: "there is no such port",
  });
});
