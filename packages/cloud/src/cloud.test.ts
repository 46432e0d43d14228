import { LoomstackError } from "@loomstack/core";
import {
  guestNetworks,
  type Instance,
  instances,
  nics,
  openDaylightControllers,
  physicalNetworks,
  type Store,
} from "@loomstack/model";
import { FakeClock } from "@loomstack/testkit";
import { describe, expect, test } from "vitest";
import { cloudUnderTest, temporaryStore } from "./cloud-under-test.ts";
import { caller, deploy, hostUris, setUp } from "./infrastructure-under-test.ts";
import { census, ended, refusal, theInstance } from "./outcome-under-test.ts";
import { World } from "./world-under-test.ts";

async function start(settings = {}, services?: readonly string[]) {
  const stack = new AsyncDisposableStack();
  const store = stack.use(await temporaryStore());
  const world = new World();
  const clock = new FakeClock();
  const cloud = stack.use(cloudUnderTest({ store, world, clock, settings }));
  await cloud.start();
  const infrastructure = await setUp(cloud, store, world, services);
  world.calls.length = 0;
  return { cloud, store, world, clock, infrastructure, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

describe("a network", () => {
  test("is Allocated at first, and nothing is touched anywhere", async () => {
    await using t = await start();
    expect(t.infrastructure.network.state).toBe("Allocated");
    expect(t.world.calls).toEqual([]);
  });

  test("is implemented by its first instance and not by the next", async () => {
    await using t = await start();
    await ended(t.store, await deploy(t.cloud, t.infrastructure));
    await ended(t.store, await deploy(t.cloud, t.infrastructure));
    expect(t.world.calls.filter((call) => call === "implementNetwork")).toHaveLength(1);
    expect((await guestNetworks.get(t.store.db, t.infrastructure.network.id)).state).toBe("Implemented");
  });

  test("that two instances need at once is implemented once", async () => {
    await using t = await start();
    const jobs = await Promise.all([deploy(t.cloud, t.infrastructure), deploy(t.cloud, t.infrastructure)]);
    for (const job of jobs) expect((await ended(t.store, job)).errorText).toBeNull();
    expect(t.world.calls.filter((call) => call === "implementNetwork")).toHaveLength(1);
  });

  test("can't be deleted while an instance is on it, and can afterwards", async () => {
    await using t = await start();
    await ended(t.store, await deploy(t.cloud, t.infrastructure, { name: "web" }));
    const error = await refusal(t.cloud.networks.delete(caller, t.infrastructure.network));
    expect(error.message).toContain("in use by instance web");
    await ended(t.store, await t.cloud.instances.destroy(caller, await theInstance(t.store), true));
    const job = await ended(t.store, await t.cloud.networks.delete(caller, t.infrastructure.network));
    expect(job).toMatchObject({ state: "succeeded", result: { success: true } });
    expect(await census(t.store, t.world)).toEqual({
      instances: [],
      nics: [],
      networks: [],
      ports: 0,
      domains: 0,
      controllerNetworks: 0,
    });
  });

  test("is shut down when it has been without a port for long, and not before", async () => {
    await using t = await start({ networkGcWaitMs: 60_000, reclaimIntervalMs: 1_000 });
    await ended(t.store, await deploy(t.cloud, t.infrastructure));
    await ended(t.store, await t.cloud.instances.stop(caller, await theInstance(t.store), false));
    expect((await guestNetworks.get(t.store.db, t.infrastructure.network.id)).idleSince).toBe(t.clock.now());
    t.clock.turn(59_000);
    await expect.poll(() => t.clock.waiting).toBeGreaterThan(0);
    expect(t.world.calls).not.toContain("shutdownNetwork");
    await expect
      .poll(() => (t.clock.turn(1_000), guestNetworks.get(t.store.db, t.infrastructure.network.id)))
      .toMatchObject({ state: "Allocated" });
    expect(await census(t.store, t.world)).toMatchObject({ controllerNetworks: 0 });
  });
});

test.each([
  ["a service that nobody gives", ["Connectivity", "SourceNat"], "only Connectivity and Dhcp are supported"],
  ["no connectivity", ["Dhcp"], "name Opendaylight as the provider of Connectivity"],
])("an offering with %s is refused", async (_, services, reason) => {
  await using t = await start();
  const offering = { name: "o2", displayText: "o2", guestIpType: "Isolated", trafficType: "GUEST" };
  const serviceProviders = services.map((service) => ({ service, provider: "Opendaylight" }));
  const asked = { ...offering, availability: undefined, enabled: true, supportedServices: services, serviceProviders };
  await expect(t.cloud.offerings.createNetworkOffering(asked)).rejects.toThrow(reason);
});

describe("an instance that is deployed", () => {
  test("gets host, network, port and domain in this order, and then runs", async () => {
    await using t = await start();
    const job = await ended(
      t.store,
      await deploy(t.cloud, t.infrastructure, { name: "Web", host: t.infrastructure.hosts[1] }),
    );
    expect(job).toMatchObject({ state: "succeeded", subjectType: "VirtualMachine" });
    expect(t.world.calls).toEqual(["implementNetwork", "prepareHost", "createPort", "startDomain", "portActive"]);
    expect(await theInstance(t.store)).toMatchObject({ state: "Running", hostId: t.infrastructure.hosts[1].id });
    const [domain] = [...(t.world.domains.get(hostUris[1])?.values() ?? [])];
    const [nic] = await nics.list(t.store.db);
    expect(domain).toMatchObject({
      name: "i-1-VM",
      type: "qemu",
      memoryMib: 128,
      kernel: "/boot/vmlinuz",
      initrd: "/boot/initrd",
      commandLine: "console=ttyS0 ip=10.1.1.2::10.1.1.1:255.255.255.0:Web:eth0:off",
      nics: [{ portId: nic?.id, mac: nic?.macAddress, bridge: "br-int", mtu: 1450 }],
    });
    expect(t.world.ports.get(nic?.id ?? job.id)).toMatchObject({
      ipAddress: "10.1.1.2",
      macAddress: nic?.macAddress,
      deviceId: domain?.uuid,
      hostName: "web",
    });
  });

  test("is refused with the name of another one in its network, or one that says an address", async () => {
    await using t = await start();
    await ended(t.store, await deploy(t.cloud, t.infrastructure, { name: "web" }));
    for (const name of ["WEB", "host-10-1-1-9"])
      await expect(deploy(t.cloud, t.infrastructure, { name })).rejects.toMatchObject({
        code: "CLOUD__INVALID_PARAMETER",
        context: { parameter: "name", value: name },
      });
    expect(await instances.list(t.store.db)).toHaveLength(1);
  });

  test("is told its address by DHCP where the network's offering has that service", async () => {
    await using t = await start(undefined, ["Connectivity", "Dhcp"]);
    await ended(t.store, await deploy(t.cloud, t.infrastructure, { name: "web", host: t.infrastructure.hosts[1] }));
    const [domain] = [...(t.world.domains.get(hostUris[1])?.values() ?? [])];
    expect(domain?.commandLine).toBe("console=ttyS0 ip=::::web:eth0:dhcp");
    expect([...t.world.networks.values()]).toMatchObject([{ dhcp: true }]);
  });

  test("takes the lowest free address, passes over the gateway, and gives it back", async () => {
    await using t = await start();
    for (const _ of [1, 2, 3]) await ended(t.store, await deploy(t.cloud, t.infrastructure));
    const taken = async (): Promise<string[]> => (await nics.list(t.store.db)).map(({ ipAddress }) => ipAddress).sort();
    expect(await taken()).toEqual(["10.1.1.2", "10.1.1.3", "10.1.1.4"]);
    const second = (await nics.list(t.store.db)).find(({ ipAddress }) => ipAddress === "10.1.1.3");
    await ended(
      t.store,
      await t.cloud.instances.destroy(caller, await theInstanceOf(t.store, second?.instanceId), true),
    );
    await ended(t.store, await deploy(t.cloud, t.infrastructure));
    expect(await taken()).toEqual(["10.1.1.2", "10.1.1.3", "10.1.1.4"]);
  });

  test("is refused at once when its address is taken, reserved or elsewhere, and leaves nothing", async () => {
    await using t = await start();
    await ended(t.store, await deploy(t.cloud, t.infrastructure, { ipAddress: "10.1.1.50" }));
    const before = await census(t.store, t.world);
    const asked = async (ipAddress: string) =>
      (await refusal(deploy(t.cloud, t.infrastructure, { ipAddress }))).message;
    expect(await asked("10.1.1.50")).toContain("the IP address 10.1.1.50 is used by another instance");
    expect(await asked("10.1.1.1")).toContain("it is the gateway's");
    expect(await asked("10.1.1.255")).toContain("it is the broadcast address");
    expect(await asked("10.9.9.9")).toContain("it isn't in the network's prefix");
    expect(await census(t.store, t.world)).toEqual(before);
  });

  test("goes to the host that has promised least", async () => {
    await using t = await start();
    for (const _ of [1, 2, 3, 4]) await ended(t.store, await deploy(t.cloud, t.infrastructure));
    expect(hostUris.map((uri) => t.world.domains.get(uri)?.size)).toEqual([2, 2]);
  });

  test("is refused with the reason for each host when none has room", async () => {
    await using t = await start();
    const big = await t.cloud.offerings.createServiceOffering({
      name: "b",
      displayText: "b",
      cpuNumber: 1,
      cpuSpeedMhz: undefined,
      memoryMib: 2048,
    });
    const job = await ended(t.store, await deploy(t.cloud, t.infrastructure, { serviceOffering: big }));
    expect(job.errorText).toContain("192.0.2.1: it has 1024 MiB left; 192.0.2.2: it has 1024 MiB left");
    expect(await census(t.store, t.world)).toMatchObject({ instances: ["Error"], nics: [], networks: ["Allocated"] });
  });
});

describe("an instance", () => {
  test("keeps its addresses while it is stopped, and starts with them again", async () => {
    await using t = await start();
    await ended(t.store, await deploy(t.cloud, t.infrastructure));
    const [before] = await nics.list(t.store.db);
    await ended(t.store, await t.cloud.instances.stop(caller, await theInstance(t.store), false));
    expect(await census(t.store, t.world)).toMatchObject({
      instances: ["Stopped"],
      nics: ["none"],
      ports: 0,
      domains: 0,
    });
    const job = await ended(
      t.store,
      await t.cloud.instances.start(caller, await theInstance(t.store), t.infrastructure.hosts[1]),
    );
    expect(job.errorText).toBeNull();
    expect(await census(t.store, t.world)).toMatchObject({ instances: ["Running"], ports: 1, domains: 1 });
    expect((await nics.list(t.store.db))[0]).toMatchObject({
      macAddress: before?.macAddress,
      ipAddress: before?.ipAddress,
    });
  });

  test("whose guest dies is Stopped, and its port goes", async () => {
    await using t = await start();
    await ended(t.store, await deploy(t.cloud, t.infrastructure, { host: t.infrastructure.hosts[0] }));
    const { id } = await theInstance(t.store);
    t.world.guestDies(hostUris[0], id);
    await expect
      .poll(() => theInstance(t.store))
      .toMatchObject({ state: "Stopped", stateReason: "its guest panicked", hostId: null });
    await expect.poll(() => census(t.store, t.world)).toMatchObject({ nics: ["none"], ports: 0 });
  });

  test("whose guest died while its host was lost is noticed when the host is back", async () => {
    await using t = await start();
    await ended(t.store, await deploy(t.cloud, t.infrastructure, { host: t.infrastructure.hosts[0] }));
    t.world.loseConnection(hostUris[0]);
    await expect.poll(() => t.cloud.hostStatus(t.infrastructure.hosts[0].id).state).toBe("Alert");
    t.world.domains.get(hostUris[0])?.clear();
    t.clock.turn(1_000);
    await expect.poll(() => t.cloud.hostStatus(t.infrastructure.hosts[0].id).state).toBe("Up");
    await expect.poll(() => theInstance(t.store)).toMatchObject({ state: "Stopped" });
  });

  test("can be stopped and started in two requests that don't wait for each other", async () => {
    await using t = await start();
    await ended(t.store, await deploy(t.cloud, t.infrastructure));
    const instance = await theInstance(t.store);
    const stop = await t.cloud.instances.stop(caller, instance, false);
    const again = await t.cloud.instances.start(caller, instance, undefined);
    expect((await ended(t.store, stop)).errorText).toBeNull();
    expect((await ended(t.store, again)).errorText).toBeNull();
    expect((await theInstance(t.store)).state).toBe("Running");
  });

  test("on a host that can't be asked isn't stopped, unless forced", async () => {
    await using t = await start();
    await ended(t.store, await deploy(t.cloud, t.infrastructure, { host: t.infrastructure.hosts[0] }));
    t.world.unreachable.add(hostUris[0]);
    t.world.loseConnection(hostUris[0]);
    await expect.poll(() => t.cloud.hostStatus(t.infrastructure.hosts[0].id).state).toBe("Alert");
    const job = await ended(t.store, await t.cloud.instances.stop(caller, await theInstance(t.store), false));
    expect(job.errorText).toContain("host 192.0.2.1 can't be used");
    expect((await theInstance(t.store)).state).toBe("Running");
    await ended(t.store, await t.cloud.instances.stop(caller, await theInstance(t.store), true));
    expect((await theInstance(t.store)).state).toBe("Stopped");
    t.world.unreachable.clear();
    t.clock.turn(60_000);
    await expect.poll(() => census(t.store, t.world)).toMatchObject({ domains: 0 });
    await expect.poll(async () => (await theInstance(t.store)).hostId).toBeNull();
  });
});

describe("a controller", () => {
  test("that doesn't answer is refused, and nothing of it is kept", async () => {
    await using t = await start();
    t.world.failures.set(
      "check",
      new LoomstackError("CLOUD__CONTROLLER_UNREACHABLE", { url: "http://192.0.2.8", reason: "connect ECONNREFUSED" }),
    );
    const [network] = await physicalNetworks.list(t.store.db);
    if (network === undefined) throw new TypeError("there is no physical network");
    const before = await openDaylightControllers.list(t.store.db);
    const job = await ended(
      t.store,
      await t.cloud.providers.addController(caller, network, {
        url: "http://192.0.2.8",
        username: "u",
        password: "hidden",
      }),
    );
    expect(job.errorText).toContain("can't be reached: connect ECONNREFUSED");
    expect(JSON.stringify(job)).not.toContain("hidden");
    expect(await openDaylightControllers.list(t.store.db)).toEqual(before);
  });
});

async function theInstanceOf(store: Store, id: Instance["id"] | undefined): Promise<Instance> {
  if (id === undefined) throw new TypeError("there is no such instance");
  return instances.get(store.db, id);
}
