/** What OpenStack's users do with their own tools: Debian's `openstack`, and its SDK for Python. */
import { silentLogger } from "@loomstack/core";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hypervisorAt } from "../lab.ts";
import { createLightGuest, type LightGuest } from "../light-guest.ts";
import { runCommand } from "../process.ts";
import { connectPath, type ControllerWorld, openControllerWorld } from "../story/controller-world.ts";
import { parsePing } from "../story/ping.ts";
import { type Openstack, openstackWithBasic, openstackWithKeystone, openstackWithToken } from "./openstack-client.ts";

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

describe("with Keystone", () => {
  const inDomain = { OS_USER_DOMAIN_NAME: "Default", OS_PROJECT_DOMAIN_NAME: "Default" };
  let admin: Openstack;
  let alice: Openstack;

  const as = (name: string, password: string, project: string): Openstack =>
    openstackWithKeystone(world.server, {
      ...{ OS_USERNAME: name, OS_PASSWORD: password, OS_PROJECT_NAME: project, ...inDomain },
    });

  beforeAll(async () => {
    const { name, password } = await world.server.administrator();
    admin = as(name, password, "admin");
    await admin.run("project", "create", "blue");
    await admin.run("user", "create", "alice", "--project", "blue", "--password", "alice's secret");
    await admin.run("role", "add", "member", "--user", "alice", "--project", "blue");
    alice = as("alice", "alice's secret", "blue");
  });

  test("a member of a project has networks there, and sees no others", async () => {
    await admin.run("network", "create", "hidden");
    await alice.run("network", "create", "alices");
    expect(await alice.json("network", "list", "-c", "Name")).toEqual([{ Name: "alices" }]);
    expect(await admin.json("network", "list", "--project", "blue", "-c", "Name")).toEqual([{ Name: "alices" }]);
    expect(await alice.refusal("network", "delete", "hidden")).toMatch(/No Network found/);
    expect(await alice.refusal("user", "list")).toMatch(/not authorized/);
  });

  test("what is shared with its project is there for it, until it is shared no more", async () => {
    const policy = ["--type", "network", "--action", "access_as_shared", "--target-project", "blue"];
    const { id } = (await admin.json("network", "rbac", "create", ...policy, "hidden")) as { id: string };
    const seen = async (): Promise<unknown> => alice.json("network", "list", "-c", "Name", "--sort-column", "Name");
    expect(await seen()).toEqual([{ Name: "alices" }, { Name: "hidden" }]);
    await admin.run("network", "rbac", "delete", id);
    expect(await seen()).toEqual([{ Name: "alices" }]);
  });

  test("a service's own middleware believes a token until it is revoked, and hears whose it is", async () => {
    const script = fileURLToPath(new URL("keystone-middleware.py", import.meta.url));
    const { name, password } = await world.server.administrator();
    const { id: token } = (await alice.json("token", "issue")) as { id: string };
    const service = async (): Promise<unknown> => {
      const env = { AUTH_URL: `${world.server.url}/identity`, USERNAME: name, PASSWORD: password, TOKEN: token };
      return JSON.parse((await runCommand("/usr/bin/python3", [script], { env })).stdout) as unknown;
    };
    const caller = { user_name: "alice", project_name: "blue", roles: "member,reader" };
    expect(await service()).toEqual({ status: 200, caller });
    await alice.run("token", "revoke", token);
    expect(await service()).toEqual({ status: 401, caller: null });
  });

  test("a token, and an application credential, do in place of the password, until they are revoked", async () => {
    const { id: token } = (await alice.json("token", "issue")) as { id: string };
    const withToken = openstackWithKeystone(world.server, {
      ...{ OS_AUTH_TYPE: "token", OS_TOKEN: token, OS_PROJECT_NAME: "blue", OS_PROJECT_DOMAIN_NAME: "Default" },
    });
    expect(await withToken.json("network", "list", "-c", "Name")).toEqual([{ Name: "alices" }]);
    const bare = openstackWithToken(world.server, token);
    expect(await bare.json("network", "list", "-c", "Name")).toEqual([{ Name: "alices" }]);
    const made = (await alice.json("application", "credential", "create", "robot", "--role", "reader")) as {
      readonly id: string;
      readonly secret: string;
    };
    const robot = openstackWithKeystone(world.server, {
      OS_AUTH_TYPE: "v3applicationcredential",
      ...{ OS_APPLICATION_CREDENTIAL_ID: made.id, OS_APPLICATION_CREDENTIAL_SECRET: made.secret },
    });
    expect(await robot.json("network", "list", "-c", "Name")).toEqual([{ Name: "alices" }]);
    expect(await robot.refusal("network", "create", "robots")).toMatch(/disallowed by policy/);
    await alice.run("application", "credential", "delete", "robot");
    expect(await robot.refusal("network", "list")).toMatch(/requires authentication/);
    await alice.run("token", "revoke", token);
    expect(await withToken.refusal("network", "list")).toMatch(/requires authentication/);
  });

  test("who is disabled is nobody, and what belongs to a project keeps it", async () => {
    const assignments = await admin.json(
      "role",
      "assignment",
      "list",
      "--names",
      "--user",
      "alice",
      "-c",
      "Role",
      "-c",
      "Project",
    );
    expect(assignments).toEqual([{ Role: "member", Project: "blue@Default" }]);
    await admin.run("user", "set", "alice", "--disable");
    expect(await alice.refusal("network", "list")).toMatch(/requires authentication/);
    await admin.run("user", "delete", "alice");
    expect(await admin.refusal("project", "delete", "blue")).toMatch(/in use by network/);
    await admin.run("network", "delete", "alices", "hidden");
    await admin.run("project", "delete", "blue");
    const { name } = await world.server.administrator();
    expect(await admin.refusal("user", "set", name, "--disable")).toMatch(/last administrator/);
  });
});
