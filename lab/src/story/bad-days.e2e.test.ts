import { randomUUID } from "node:crypto";
import { silentLogger } from "@loomstack/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  connectPath,
  type ControllerWorld,
  makeNetwork,
  openControllerWorld,
  plugGuest,
  portBody,
} from "./controller-world.ts";
import { hypervisorAt, type LabHypervisor } from "../lab.ts";
import { loomstack } from "./command-line.ts";
import { connectionManager, neutron } from "./controller-client.ts";
import { cutOff } from "../underlay.ts";
import { parsePing } from "./ping.ts";

let world: ControllerWorld;
let hv2: LabHypervisor;

beforeAll(async () => {
  world = await openControllerWorld(silentLogger);
  hv2 = hypervisorAt(world.lab, 1);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const stateOf = async (host: number): Promise<string | undefined> =>
  (await world.controller.hypervisors()).find(({ node }) => node.id === `host-${host}`)?.state;

test("an address that refuses is answered with 404 and the reason, and no node is kept", async () => {
  const text = await world.controller.expect(404, "PUT", connectPath(world.lab, 0, 6699));
  expect(text).toContain("Failed to connect");
  expect(JSON.parse(await world.controller.expect(200, "GET", `${connectionManager}/nodes`))).toEqual({ node: [] });
});

test("a hypervisor whose ovs-vswitchd is dead is not connected half: the same call works once it is back", async () => {
  await hv2.killVswitchd();
  expect(await world.controller.expect(404, "PUT", connectPath(world.lab, 1))).toContain("Failed to connect");
  expect(await world.controller.hypervisors()).toEqual([]);
  await hv2.startVswitchd();
  await world.controller.expect(200, "PUT", connectPath(world.lab, 1));
  expect(await stateOf(1)).toBe("ready");
  await world.controller.expect(200, "DELETE", `${connectionManager}/node/OVS/host-1`);
});

test("a bridge br-int that is not ours is not touched: the hypervisor is refused with what to do, until it is handed over", async () => {
  const hv1 = hypervisorAt(world.lab, 0);
  await hv1.vsctl("add-br", "br-int", "--", "set", "Bridge", "br-int", "datapath_type=netdev");
  const before = await hv1.vsctl("show");
  expect(await world.controller.expect(404, "PUT", connectPath(world.lab, 0))).toContain(
    "ovs-vsctl br-set-external-id br-int loomstack adopt",
  );
  expect(await hv1.vsctl("show")).toBe(before);
  await hv1.vsctl("br-set-external-id", "br-int", "loomstack", "adopt");
  await world.controller.expect(200, "PUT", connectPath(world.lab, 0));
  expect(await hv1.vsctl("get", "Bridge", "br-int", "fail_mode")).toBe("secure\n");
  // What Open vSwitch puts into a bridge without a controller is gone with the first controller.
  expect(await hv1.ofctl("dump-flows", "br-int")).not.toMatch(/NORMAL|FLOOD/);
});

test("a power cut in the middle of connecting leaves no node, and the system heals when the power is back", async () => {
  const connecting = world.controller.request("PUT", connectPath(world.lab, 1));
  await hv2.kill();
  // Whichever came first: the answer is not half an answer, and after the cut the hypervisor is lost or unknown.
  expect([200, 404]).toContain((await connecting).status);
  await expect.poll(async () => (await stateOf(1)) !== "ready", { timeout: 30_000 }).toBe(true);
  await hv2.start();
  await world.controller.expect(200, "PUT", connectPath(world.lab, 1));
  await expect.poll(async () => stateOf(1), { timeout: 20_000 }).toBe("ready");
});

test("a port for an unknown network is 404, an address twice is 409, and neither leaves anything", async () => {
  const { network, subnet } = await makeNetwork(world.controller, "vxlan");
  await world.controller.expect(404, "POST", `${neutron}/ports`, {
    port: portBody({ network: randomUUID(), number: 9 }),
  });
  const first = portBody({ network, subnet, number: 9 });
  await world.controller.expect(201, "POST", `${neutron}/ports`, { port: first });
  const sameIp = { ...portBody({ network, subnet, number: 9 }), mac_address: "02:00:00:00:07:aa" };
  expect(await world.controller.expect(409, "POST", `${neutron}/ports`, { port: sameIp })).toContain("192.168.7.9");
  await world.controller.expect(409, "POST", `${neutron}/ports`, { port: portBody({ network, number: 9 }) });
  const ports = await world.controller.list("ports", `?network_id=${network}`);
  expect(ports.map(({ id }) => id)).toEqual([first.id]);
  await world.controller.expect(204, "DELETE", `${neutron}/ports/${first.id}`);
});

test("a hypervisor that loses its power is called lost, with the reason; its guests' ports are DOWN, and it heals with its power", async () => {
  const { network, subnet } = await makeNetwork(world.controller, "vxlan");
  await using a = await plugGuest(world, 0, { network, subnet, number: 41 });
  const b = await plugGuest(world, 1, { network, subnet, number: 42 });
  await hv2.kill();
  await expect.poll(async () => stateOf(1), { timeout: 40_000 }).toBe("lost");
  expect(await world.controller.portStatus(b.portId)).toBe("DOWN");
  expect(await world.controller.portStatus(a.portId)).toBe("ACTIVE");
  await hv2.start();
  await expect.poll(async () => stateOf(1), { timeout: 30_000 }).toBe("ready");
  // The guest went with the power: its interface is gone, and what is left of it in the database is an interface
  // without a port.
  await hv2.vsctl("--if-exists", "del-port", b.device);
  await using again = await plugGuest(world, 1, { network, subnet, number: 43 });
  expect(parsePing((await again.run("ping", ["-c", "3", "-i", "0.2", "-W", "1", "192.168.7.41"])).stdout).lost).toBe(0);
});

test("an underlay that carries nothing between two hypervisors takes their ports from ACTIVE, and gives them back", async () => {
  const { network, subnet } = await makeNetwork(world.controller, "vxlan");
  await using a = await plugGuest(world, 0, { network, subnet, number: 51 });
  await using b = await plugGuest(world, 1, { network, subnet, number: 52 });
  for (const number of [1, 2]) await cutOff(number, true);
  for (const { portId } of [a, b])
    await expect.poll(async () => world.controller.portStatus(portId), { timeout: 30_000 }).toBe("BUILD");
  for (const number of [1, 2]) await cutOff(number, false);
  for (const { portId } of [a, b])
    await expect.poll(async () => world.controller.portStatus(portId), { timeout: 10_000 }).toBe("ACTIVE");
});

test("a hypervisor that dials in is managed from the command that its refusal names until it is forgotten", async () => {
  const hypervisor = hypervisorAt(world.lab, 0);
  for (const { node } of await world.controller.hypervisors())
    await world.controller.expect(200, "DELETE", `${connectionManager}/node/OVS/${node.id}`);
  await hypervisor.vsctl("set-manager", `tcp:${world.lab.controllerAddress}:6640`);
  await hypervisor.vsctl("set", "Manager", ".", "max_backoff=1000");
  const events = (): Promise<string> => loomstack(world.server, "events");
  await expect.poll(events, { timeout: 20_000 }).toContain("loomstack hypervisors accept");
  const [, systemId = ""] = /loomstack hypervisors accept (\S+)/.exec(await events()) ?? [];
  await loomstack(world.server, "hypervisors", "accept", systemId);
  const shown = (): Promise<string> => loomstack(world.server, "hypervisors", "show", systemId);
  await expect.poll(shown, { timeout: 20_000 }).toMatch(/ready/);
  expect(await shown()).toContain(`dialled in from tcp:${hypervisor.address}`);
  await hypervisor.vsctl("del-manager");
  await loomstack(world.server, "hypervisors", "forget", systemId);
  expect(await loomstack(world.server, "hypervisors", "list")).not.toContain(systemId);
});

test("a call without credentials, or with wrong ones, is refused and changes nothing", async () => {
  const anonymous = await fetch(`${world.server.url}${neutron}/networks`);
  expect(anonymous.status).toBe(401);
  const wrong = await fetch(`${world.server.url}${neutron}/networks`, {
    headers: { authorization: `Basic ${Buffer.from("admin:wrong").toString("base64")}` },
  });
  expect(wrong.status).toBe(401);
});
