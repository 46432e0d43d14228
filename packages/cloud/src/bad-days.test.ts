import { LoomstackError } from "@loomstack/core";
import { guestNetworks } from "@loomstack/model";
import { FakeClock } from "@loomstack/testkit";
import { describe, expect, test } from "vitest";
import { cloudUnderTest, temporaryStore } from "./cloud-under-test.ts";
import { caller, deploy, hostUris, setUp } from "./infrastructure-under-test.ts";
import { census, ended, theInstance } from "./outcome-under-test.ts";
import { World } from "./world-under-test.ts";

async function start() {
  const stack = new AsyncDisposableStack();
  const store = stack.use(await temporaryStore());
  const world = new World();
  const clock = new FakeClock();
  const cloud = stack.use(cloudUnderTest({ store, world, clock, settings: { reclaimIntervalMs: 1_000 } }));
  await cloud.start();
  const infrastructure = await setUp(cloud, store, world);
  return { cloud, store, world, clock, infrastructure, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const unreachable = new LoomstackError("CLOUD__CONTROLLER_UNREACHABLE", {
  url: "http://192.0.2.9:8080",
  reason: "connect ECONNREFUSED",
});
const refused = new LoomstackError("CLOUD__CONTROLLER_REFUSED", {
  url: "http://192.0.2.9:8080",
  call: "POST …",
  status: 409,
  reason: "no more of these",
});
const nothing = { nics: [], ports: 0, domains: 0 };

describe("a deploy that fails leaves no NIC, address, port or domain, and says why", () => {
  test.each([
    ["implementNetwork", unreachable, ["Shutdown", "Allocated"]],
    ["prepareHost", unreachable, ["Implemented"]],
    ["createPort", refused, ["Implemented"]],
    [
      "startDomain",
      new LoomstackError("CLOUD__HYPERVISOR_REFUSED", {
        uri: hostUris[0],
        operation: "start",
        domain: "i-1-VM",
        reason: "no such file",
      }),
      ["Implemented"],
    ],
    [
      "portActive",
      new LoomstackError("CLOUD__PORT_NOT_ACTIVE", {
        port: "p",
        timeoutSec: 60,
        status: "DOWN",
        reason: "no interface has its id",
      }),
      ["Implemented"],
    ],
  ] as const)("when %s fails", async (step, error, networkStates) => {
    await using t = await start();
    t.world.failures.set(step, error);
    const job = await ended(t.store, await deploy(t.cloud, t.infrastructure, { ipAddress: "10.1.1.7" }));
    expect(job.state).toBe("failed");
    expect(job.errorText).toContain(error.context.reason);
    expect(await census(t.store, t.world)).toMatchObject({ ...nothing, instances: ["Error"] });
    expect(networkStates).toContain((await guestNetworks.list(t.store.db))[0]?.state);
    expect((await theInstance(t.store)).stateReason).toContain(error.context.reason);

    t.world.failures.clear();
    const next = await ended(t.store, await deploy(t.cloud, t.infrastructure, { ipAddress: "10.1.1.7" }));
    expect(next.errorText).toBeNull();
  });
});

test("a port that the controller didn't forget is asked away until it is gone, and keeps its address till then", async () => {
  await using t = await start();
  t.world.failures.set("portActive", unreachable).set("deletePort", unreachable);
  await ended(t.store, await deploy(t.cloud, t.infrastructure));
  expect(await census(t.store, t.world)).toMatchObject({
    instances: ["Error"],
    nics: ["releasing"],
    ports: 1,
    domains: 0,
  });
  t.world.failures.clear();
  await expect
    .poll(() => (t.clock.turn(1_000), census(t.store, t.world)))
    .toMatchObject({ ...nothing, instances: ["Error"] });
});

test("a network that couldn't be undone is in Shutdown until it can, and can be used again", async () => {
  await using t = await start();
  t.world.failures.set("implementNetwork", refused).set("shutdownNetwork", unreachable);
  await ended(t.store, await deploy(t.cloud, t.infrastructure));
  expect((await guestNetworks.list(t.store.db))[0]).toMatchObject({ state: "Shutdown", stateReason: refused.message });
  t.world.failures.clear();
  const job = await ended(t.store, await deploy(t.cloud, t.infrastructure));
  expect(job.errorText).toBeNull();
  expect((await guestNetworks.list(t.store.db))[0]).toMatchObject({ state: "Implemented" });
});

test("a guest that dies while its port is waited for fails the deploy with that reason", async () => {
  await using t = await start();
  const { promise: waiting, resolve: isWaiting } = Promise.withResolvers<undefined>();
  const provider = t.world.provider.bind(t.world);
  t.world.provider = (hook) => ({
    ...provider(hook),
    portActive: async (_portId, _timeoutMs, signal) => {
      isWaiting(undefined);
      await new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
    },
  });
  const submitted = await deploy(t.cloud, t.infrastructure, { host: t.infrastructure.hosts[0] });
  await waiting;
  t.world.guestDies(hostUris[0], (await theInstance(t.store)).id);
  expect((await ended(t.store, submitted)).errorText).toContain(
    "stopped while it was being started: its guest panicked",
  );
  expect(await census(t.store, t.world)).toMatchObject({ ...nothing, instances: ["Error"] });
});

test("an instance whose start failed can be destroyed, and nothing of it is left", async () => {
  await using t = await start();
  t.world.failures.set("startDomain", refused);
  await ended(t.store, await deploy(t.cloud, t.infrastructure));
  t.world.failures.clear();
  const job = await ended(t.store, await t.cloud.instances.destroy(caller, await theInstance(t.store), true));
  expect(job.errorText).toBeNull();
  expect(await census(t.store, t.world)).toMatchObject({ ...nothing, instances: [] });
});

test("a stopped instance whose start fails is Stopped as before, with its addresses", async () => {
  await using t = await start();
  await ended(t.store, await deploy(t.cloud, t.infrastructure));
  await ended(t.store, await t.cloud.instances.stop(caller, await theInstance(t.store), false));
  t.world.failures.set("createPort", refused);
  const job = await ended(t.store, await t.cloud.instances.start(caller, await theInstance(t.store), undefined));
  expect(job.errorText).toContain("no more of these");
  expect(await census(t.store, t.world)).toMatchObject({
    instances: ["Stopped"],
    nics: ["none"],
    ports: 0,
    domains: 0,
  });
});

test("an expunge that the controller doesn't confirm is said to be unfinished, and finishes by itself", async () => {
  await using t = await start();
  await ended(t.store, await deploy(t.cloud, t.infrastructure));
  t.world.failures.set("deletePort", unreachable);
  const job = await ended(t.store, await t.cloud.instances.destroy(caller, await theInstance(t.store), true));
  expect(job.errorText).toContain("this is tried again until it succeeds");
  expect(await census(t.store, t.world)).toMatchObject({ instances: ["Expunging"], nics: ["releasing"], domains: 0 });
  t.world.failures.clear();
  await expect.poll(() => (t.clock.turn(1_000), census(t.store, t.world))).toMatchObject({ ...nothing, instances: [] });
});

test("a domain that is on a host and isn't an instance's is left alone", async () => {
  await using t = await start();
  await ended(t.store, await deploy(t.cloud, t.infrastructure, { host: t.infrastructure.hosts[0] }));
  const [ours] = [...(t.world.domains.get(hostUris[0])?.values() ?? [])];
  if (ours === undefined) throw new TypeError("there is no domain");
  const foreign = { ...ours, uuid: t.infrastructure.zone.id, name: "somebody else's" };
  t.world.domains.get(hostUris[0])?.set(foreign.uuid, foreign);
  t.world.loseConnection(hostUris[0]);
  await expect.poll(() => t.cloud.hostStatus(t.infrastructure.hosts[0].id).state).toBe("Alert");
  t.clock.turn(1_000);
  await expect.poll(() => t.cloud.hostStatus(t.infrastructure.hosts[0].id).state).toBe("Up");
  await ended(t.store, await t.cloud.instances.stop(caller, await theInstance(t.store), false));
  expect([...(t.world.domains.get(hostUris[0])?.keys() ?? [])]).toEqual([foreign.uuid]);
});
