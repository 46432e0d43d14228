/** What OpenStack's users do with their own tools: Debian's `openstack`, and its SDK for Python. */
import { silentLogger } from "@loomstack/core";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hypervisorAt } from "../lab.ts";
import { createLightGuest, type LightGuest } from "../light-guest.ts";
import { runCommand } from "../process.ts";
import { connectPath, type ControllerWorld, openControllerWorld } from "../story/controller-world.ts";
import { parsePing } from "../story/ping.ts";
import { type Openstack, openstackWithBasic } from "./openstack-client.ts";

let world: ControllerWorld;
let openstack: Openstack;

beforeAll(async () => {
  world = await openControllerWorld(silentLogger);
  for (const host of [0, 1]) await world.controller.expect(200, "PUT", connectPath(world.lab, host));
  openstack = await openstackWithBasic(world.server);
});
afterAll(async () => world[Symbol.asyncDispose]());

interface PortView {
  readonly id: string;
  readonly mac_address: string;
  readonly fixed_ips: readonly { readonly ip_address: string }[];
}

describe("with the openstack command line", () => {
  test("a network is made whose guests reach each other, and it goes when they have gone", async () => {
    await openstack.run("network", "create", "blue", "--description", "ours", "--tag", "lab");
    await openstack.run("subnet", "create", "blue-4", "--network", "blue", "--subnet-range", "192.168.9.0/24");
    const plug = async (host: number, address: string): Promise<LightGuest & { readonly port: PortView }> => {
      const place = ["--network", "blue", "--fixed-ip", `ip-address=${address}`, "--host", `host-${host}`];
      const port = (await openstack.json("port", "create", `p${host}`, ...place)) as PortView;
      expect(port).toMatchObject({ status: "DOWN", binding_vif_type: "ovs" });
      const where = { portId: port.id, mac: port.mac_address, address: `${address}/24`, bridge: "br-int" };
      const guest = await createLightGuest(hypervisorAt(world.lab, host), where);
      await world.controller.portActive(port.id);
      return { ...guest, port };
    };
    await using a = await plug(0, "192.168.9.10");
    await using b = await plug(1, "192.168.9.11");
    expect(parsePing((await a.run("ping", ["-c", "3", "-i", "0.2", "192.168.9.11"])).stdout)).toMatchObject({
      received: 3,
    });
    const ports = await openstack.json(
      "port",
      "list",
      "--network",
      "blue",
      "--sort-column",
      "Name",
      "-c",
      "Name",
      "-c",
      "Status",
    );
    expect(ports).toEqual([
      { Name: "p0", Status: "ACTIVE" },
      { Name: "p1", Status: "ACTIVE" },
    ]);
    expect(await openstack.json("network", "list", "--tags", "lab", "-c", "Name")).toEqual([{ Name: "blue" }]);
    expect(await openstack.refusal("network", "delete", "blue")).toMatch(/in use by port/);
    await openstack.run("port", "delete", a.port.id, b.port.id);
    await openstack.run("network", "delete", "blue");
    expect(await openstack.json("subnet", "list")).toEqual([]);
  });

  test("hypervisors are agents, and it is told what is left of a network's addresses", async () => {
    const agents = await openstack.json("network", "agent", "list", "-c", "Host", "-c", "Alive");
    expect(agents).toEqual(
      expect.arrayContaining([
        { Host: "host-0", Alive: true },
        { Host: "host-1", Alive: true },
      ]),
    );
    await openstack.run("network", "create", "red");
    await openstack.run("subnet", "create", "red-4", "--network", "red", "--subnet-range", "10.1.0.0/29");
    const available = await openstack.json("ip", "availability", "show", "red", "-c", "total_ips", "-c", "used_ips");
    expect(available).toEqual({ total_ips: 5, used_ips: 0 });
    await openstack.run("network", "delete", "red");
  });
});

test("with the SDK for Python, networks, subnets and ports are made, found, changed and deleted", async () => {
  const script = fileURLToPath(new URL("openstack-sdk.py", import.meta.url));
  const { name, password } = await world.server.administrator();
  const env = { URL: `${world.server.url}/networking`, USERNAME: name, PASSWORD: password };
  expect(await runCommand("/usr/bin/python3", [script], { env })).toMatchObject({ stderr: "", exitCode: 0 });
});
