import { randomUUID } from "node:crypto";
import { silentLogger } from "@loomstack/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hypervisorAt } from "../lab.ts";
import type { LightGuest } from "../light-guest.ts";
import { connectPath, type ControllerWorld, makeNetwork, openControllerWorld, plugGuest } from "./controller-world.ts";
import { neutron } from "./controller-client.ts";
import { parsePing, type PingCount } from "./ping.ts";

let world: ControllerWorld;

beforeAll(async () => {
  world = await openControllerWorld(silentLogger);
  for (const host of [0, 1]) await world.controller.expect(200, "PUT", connectPath(world.lab, host));
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const ping = async (guest: LightGuest, address: string): Promise<PingCount> =>
  parsePing((await guest.run("ping", ["-c", "3", "-i", "0.2", "-W", "1", address])).stdout);

test.each(["vxlan", "gre", "geneve"] as const)(
  "two guests reach each other over %s, and the very first packet arrives",
  async (type) => {
    const { network, subnet } = await makeNetwork(world.controller, type);
    await using a = await plugGuest(world, 0, { network, subnet, number: 11 });
    await using b = await plugGuest(world, 1, { network, subnet, number: 12 });
    expect(await ping(a, "192.168.7.12")).toEqual({ sent: 3, received: 3, lost: 0 });
    expect(await ping(b, "192.168.7.11")).toEqual({ sent: 3, received: 3, lost: 0 });
    const tunnels = await hypervisorAt(world.lab, 0).vsctl(
      "--bare",
      "--columns=name",
      "find",
      "Interface",
      `type=${type}`,
    );
    expect(tunnels.trim()).toBe(`loom-${type}`);
  },
);

test("two guests find each other and talk over IPv6, and are held to their addresses in it", async () => {
  // As ovs-ctl writes it: this hypervisor answers solicitations itself, the other hands them over.
  await hypervisorAt(world.lab, 0).vsctl("set", "Open_vSwitch", ".", "ovs_version=3.1.0");
  const { network, subnet } = await makeNetwork(world.controller, "geneve");
  const subnet6 = { id: randomUUID(), network_id: network, tenant_id: "t", ip_version: 6, cidr: "2001:db8:7::/64" };
  await world.controller.expect(201, "POST", `${neutron}/subnets`, { subnet: subnet6 });
  await using a = await plugGuest(world, 0, { network, subnet, number: 41 });
  await using b = await plugGuest(world, 1, { network, subnet, number: 42 });
  for (const [guest, address] of [[a, "2001:db8:7::41"] as const, [b, "2001:db8:7::42"] as const]) {
    const port = { fixed_ips: [{ subnet_id: subnet }, { ip_address: address }] };
    await world.controller.expect(200, "PUT", `${neutron}/ports/${guest.portId}`, { port });
    await world.controller.portActive(guest.portId);
    await guest.run("ip", ["address", "add", `${address}/64`, "dev", "eth0"]);
    const tentative = ["-6", "address", "show", "dev", "eth0", "to", address, "tentative"];
    await expect.poll(async () => (await guest.run("ip", tentative)).stdout, { timeout: 10_000 }).toBe("");
    const found = await guest.run("ip", ["-6", "address", "show", "dev", "eth0", "to", address]);
    expect(found.stdout).not.toContain("dadfailed");
  }
  for (const [host, count] of [1, 0].entries()) {
    const flows = await hypervisorAt(world.lab, host).ofctl("dump-flows", "br-int");
    expect(flows.split("\n").filter((flow) => flow.includes("nd_options_type"))).toHaveLength(count);
  }
  expect(await ping(a, "2001:db8:7::42")).toEqual({ sent: 3, received: 3, lost: 0 });
  expect(await ping(b, "2001:db8:7::41")).toEqual({ sent: 3, received: 3, lost: 0 });
  await b.run("ip", ["address", "add", "2001:db8:7::99/64", "dev", "eth0", "nodad"]);
  const forged = await b.run("ping", ["-c", "3", "-i", "0.2", "-W", "1", "-I", "2001:db8:7::99", "2001:db8:7::41"]);
  expect(parsePing(forged.stdout).received).toBe(0);
});

test("connecting a hypervisor again changes nothing and answers at once", async () => {
  const hypervisor = hypervisorAt(world.lab, 0);
  // What the networks of the tests before this one needed is still being taken away.
  await expect.poll(async () => hypervisor.vsctl("list-ports", "br-tun"), { timeout: 10_000 }).toBe("patch-int\n");
  const before = await hypervisor.vsctl("show");
  await world.controller.expect(200, "PUT", connectPath(world.lab, 0));
  expect(await hypervisor.vsctl("show")).toBe(before);
});

test("ports without addresses, as CloudStack's plug-in makes them, reach each other and are held to their MAC", async () => {
  const { network } = await makeNetwork(world.controller, "gre");
  await using a = await plugGuest(world, 0, { network, number: 21 });
  await using b = await plugGuest(world, 1, { network, number: 22 });
  expect(await ping(a, "192.168.7.22")).toEqual({ sent: 3, received: 3, lost: 0 });
  await b.run("ip", ["link", "set", "eth0", "address", "02:00:00:00:07:99"]);
  expect((await ping(b, "192.168.7.21")).received).toBe(0);
});

test("what a network needed goes with its last port: flows, tunnel, local VLAN; and nothing else", async () => {
  const hypervisor = hypervisorAt(world.lab, 1);
  const { network, subnet } = await makeNetwork(world.controller, "vxlan");
  const a = await plugGuest(world, 0, { network, subnet, number: 31 });
  const b = await plugGuest(world, 1, { network, subnet, number: 32 });
  expect(await hypervisor.vsctl("get", "Bridge", "br-int", "external_ids")).toContain(network);
  const foreign = "table=30,cookie=0x1,priority=7,reg1=0x999 actions=drop";
  await hypervisor.ofctl("add-flow", "br-int", foreign);
  for (const guest of [a, b]) {
    await guest[Symbol.asyncDispose]();
    await world.controller.expect(204, "DELETE", `${neutron}/ports/${guest.portId}`);
  }
  await expect
    .poll(async () => hypervisor.vsctl("get", "Bridge", "br-int", "external_ids"), { timeout: 10_000 })
    .not.toContain(network);
  await expect.poll(async () => hypervisor.vsctl("list-ports", "br-tun"), { timeout: 10_000 }).toBe("patch-int\n");
  const flows = (await hypervisor.ofctl("dump-flows", "br-int"))
    .split("\n")
    .filter((line) => line.includes("actions="));
  // What is left: the flows that every hypervisor has, which bear one cookie, and the flow of somebody else.
  const cookies = new Set(flows.map((flow) => /cookie=(0x[0-9a-f]+)/.exec(flow)?.[1]));
  expect([...cookies].sort()).toEqual(["0x1", expect.stringMatching(/^0x4c53/)]);
  expect(flows.filter((flow) => flow.includes("reg0="))).toEqual([]);
  await hypervisor.ofctl("del-flows", "br-int", "cookie=0x1/-1");
});
