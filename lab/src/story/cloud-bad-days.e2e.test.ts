import { silentLogger } from "@loomstack/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hypervisorAt } from "../lab.ts";
import { deploy } from "./instances.ts";
import { makeNetwork, networkState } from "./networks.ts";
import { openWorld, type OpenWorld } from "./open-world.ts";
import { ping } from "./ping.ts";
import { makeProvider, zoneIsMade, type Zone } from "./steps/2-zone.ts";

let world: OpenWorld;
let zone: Zone;

beforeAll(async () => {
  world = await openWorld({ oneProcess: false, logger: silentLogger });
  zone = (await zoneIsMade(world)).result;
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const refusal = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "it was accepted",
    (error: unknown) => String(error),
  );

/** What is left anywhere of instances and networks: in the cloud, on the hypervisors, at the controller. */
async function everythingMade(): Promise<object> {
  const instances = (await world.cloud.list("listVirtualMachines", "virtualmachine")).filter(
    ({ state }) => state !== "Error",
  );
  const domains = await Promise.all(
    world.lab.hypervisors.map(async (hypervisor) =>
      (await hypervisor.run("virsh", ["list", "--all", "--name"])).stdout.split("\n").filter((name) => name !== ""),
    ),
  );
  const networks = await world.controller.list("networks");
  const ports = await world.controller.list("ports");
  return {
    instances: instances.length,
    domains: domains.flat().length,
    networks: networks.length,
    ports: ports.length,
  };
}
const nothing = { instances: 0, domains: 0, networks: 0, ports: 0 };

test.each([
  ["an address that refuses", { url: "http://127.0.0.1:9", username: "admin", password: "x" }, /127\.0\.0\.1:9/],
  ["a password that is wrong", { username: "admin", password: "wrong" }, /401|credential|password/i],
])("a controller with %s is refused with the reason, and isn't kept", async (_, controller, reason) => {
  const [physicalNetwork] = await world.cloud.list("listPhysicalNetworks", "physicalnetwork");
  const id = String(physicalNetwork?.["id"]);
  const before = await world.cloud.list("listOpenDaylightControllers", "opendaylightcontroller");
  const parameters = { physicalnetworkid: id, url: world.controllerServer.url, ...controller };
  expect(await refusal(world.cloud.run("addOpenDaylightController", parameters))).toMatch(reason);
  expect(await world.cloud.list("listOpenDaylightControllers", "opendaylightcontroller")).toEqual(before);
});

test("an instance is refused while the controller is down, with the reason; nothing is left of it, and the same call works once the controller is back", async () => {
  const network = await makeNetwork(world, zone, "down");
  const deployment = { name: "down1", network, host: 0, address: "192.168.0.21" };
  await world.controllerServer.stop("SIGKILL");
  expect(await refusal(deploy(world, zone, deployment))).toMatch(/controller|127\.0\.0\.1:8181/i);
  await world.controllerServer.start();
  await expect.poll(everythingMade, { timeout: 20_000 }).toEqual(nothing);
  const instance = await deploy(world, zone, { ...deployment, name: "down2" });
  expect(await networkState(world, network)).toBe("Implemented");
  await world.cloud.run("destroyVirtualMachine", { id: instance.id, expunge: "true" });
  await world.cloud.run("deleteNetwork", { id: network });
  await expect.poll(everythingMade, { timeout: 20_000 }).toEqual(nothing);
});

test("an address that another instance has is refused, and nothing is left of the second instance", async () => {
  const network = await makeNetwork(world, zone, "twice");
  const first = await deploy(world, zone, { name: "twice1", network, host: 0, address: "192.168.0.31" });
  const before = await everythingMade();
  expect(await refusal(deploy(world, zone, { name: "twice2", network, host: 1, address: "192.168.0.31" }))).toContain(
    "192.168.0.31",
  );
  expect(await everythingMade()).toEqual(before);
  await world.cloud.run("destroyVirtualMachine", { id: first.id, expunge: "true" });
  await world.cloud.run("deleteNetwork", { id: network });
});

test("a hypervisor that loses its power while an instance starts on it ends the job with a reason, and takes instances again when it is back", async () => {
  const network = await makeNetwork(world, zone, "power");
  const here = await deploy(world, zone, { name: "power1", network, host: 0, address: "192.168.0.41" });
  const hv2 = hypervisorAt(world.lab, 1);
  let cut: Promise<void> | undefined;
  const lost = deploy(world, zone, { name: "power2", network, host: 1, address: "192.168.0.42" }, async () => {
    cut ??= hv2.kill();
    await cut;
  });
  expect(await refusal(lost)).not.toBe("it was accepted");
  await hv2.start();
  await expect
    .poll(async () => (await world.cloud.list("listHosts", "host")).map(({ state }) => state), { timeout: 60_000 })
    .toEqual(["Up", "Up"]);
  await expect
    .poll(async () => (await world.controller.hypervisors()).filter(({ state }) => state === "lost"), {
      timeout: 60_000,
    })
    .toEqual([]);
  const again = await deploy(world, zone, { name: "power3", network, host: 1, address: "192.168.0.43" });
  expect((await ping(again.guest, here.address, 3)).lost).toBe(0);
}, 240_000);

test("a provider that is added twice, or a network from an offering that there isn't, is refused", async () => {
  expect(await refusal(makeProvider(world, "00000000-0000-4000-8000-000000000000"))).toMatch(/zoneid/);
  const missing = {
    name: "x",
    displaytext: "x",
    networkofferingid: "00000000-0000-4000-8000-000000000000",
    zoneid: zone.zoneId,
  };
  expect(await refusal(world.cloud.call("createNetwork", missing))).toMatch(/networkofferingid/);
});
