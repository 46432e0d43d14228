import { silentLogger } from "@loomstack/core";
import { guestNetworks, instances, type Job, jobs, nics, type Store, unfinishedJobs } from "@loomstack/model";
import { FakeClock } from "@loomstack/testkit";
import { expect, test } from "vitest";
import { cloudUnderTest, temporaryStore } from "./cloud-under-test.ts";
import { caller, deploy, type Infrastructure, setUp } from "./infrastructure-under-test.ts";
import { census, ended, eventually, theInstance } from "./outcome-under-test.ts";
import { type StepHook, World } from "./world-under-test.ts";
import type { Cloud } from "./cloud.ts";

/**
 * Ends the process, as far as anybody outside can see, at the step with this number: that step and all later ones never
 * happen.
 */
function dyingAt(number: number): {
  readonly hook: StepHook;
  readonly dead: Promise<undefined>;
  readonly begin: () => void;
} {
  const { promise: dead, resolve } = Promise.withResolvers<undefined>();
  let [counts, steps] = [false, 0];
  return {
    dead,
    begin: () => void (counts = true),
    hook: async () => {
      if (!counts) return;
      steps += 1;
      if (steps < number) return;
      resolve(undefined);
      await new Promise(() => {});
    },
  };
}

type Work = (cloud: Cloud, infrastructure: Infrastructure, store: Store) => Promise<Job>;

/** A store and a world in which everything is set up and `prepare` is done; copies of them are worked on. */
async function prepared(prepare?: Work) {
  const stack = new AsyncDisposableStack();
  const store = stack.use(await temporaryStore());
  const world = new World();
  await using cloud = cloudUnderTest({ store, world, clock: new FakeClock() });
  await cloud.start();
  const infrastructure = await setUp(cloud, store, world);
  if (prepare !== undefined) await ended(store, await prepare(cloud, infrastructure, store));
  return { file: store.file, world, infrastructure, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/**
 * Has the process die at the step with this number of `work`, and starts another. @returns whether it got that far
 * before it was done
 */
async function survives(
  number: number,
  from: Awaited<ReturnType<typeof prepared>>,
  work: Work,
  check: (store: Store, world: World) => Promise<void>,
): Promise<boolean> {
  await using store = await temporaryStore(from.file);
  const world = from.world.clone();
  const clock = new FakeClock();
  const { hook, dead, begin } = dyingAt(number);
  const first = cloudUnderTest({ store, world, clock, hook });
  await first.start();
  begin();
  const submitted = work(first, from.infrastructure, store).then((job) => ended(store, job));
  const died = await Promise.race([dead.then(() => true), submitted.then(() => false)]);
  if (!died) return false;

  await using second = cloudUnderTest({ store, world, clock });
  await second.start();
  await eventually(async () => ((await unfinishedJobs(store.db)).length === 0 ? true : undefined));
  await check(store, world);
  return true;
}

test(
  "a deploy that is interrupted at any step is finished by the next process, or was never accepted",
  { timeout: 60_000 },
  async () => {
    await using from = await prepared();
    const work: Work = (cloud, infrastructure) => deploy(cloud, infrastructure);
    const check = async (store: Store, world: World): Promise<void> => {
      const accepted = (await instances.list(store.db)).length > 0;
      const done = {
        instances: ["Running"],
        nics: ["created"],
        networks: ["Implemented"],
        ports: 1,
        domains: 1,
        controllerNetworks: 1,
      };
      const nothing = { instances: [], nics: [], networks: ["Allocated"], ports: 0, domains: 0, controllerNetworks: 0 };
      expect(await census(store, world)).toEqual(accepted ? done : nothing);
    };
    let steps = 0;
    while (await survives(steps + 1, from, work, check)) steps += 1;
    // As many as there are steps to the outside and transactions, each with a before and an after.
    expect(steps).toBeGreaterThan(20);
  },
);

test(
  "an expunge that is interrupted at any step is finished by the next process, or was never asked for",
  { timeout: 60_000 },
  async () => {
    await using from = await prepared((cloud, infrastructure) => deploy(cloud, infrastructure));
    const work: Work = async (cloud, _, store) => cloud.instances.destroy(caller, await theInstance(store), true);
    const check = async (store: Store, world: World): Promise<void> => {
      const asked = (await jobs.list(store.db, { command: "destroyVirtualMachine" })).length > 0;
      if (asked) expect(await census(store, world)).toMatchObject({ instances: [], nics: [], ports: 0, domains: 0 });
      else
        expect(await census(store, world)).toMatchObject({
          instances: ["Running"],
          nics: ["created"],
          ports: 1,
          domains: 1,
        });
    };
    let steps = 0;
    while (await survives(steps + 1, from, work, check)) steps += 1;
    expect(steps).toBeGreaterThan(15);
  },
);

test("a job that was begun too often is undone and ends with that reason", async () => {
  await using store = await temporaryStore();
  const world = new World();
  const clock = new FakeClock();
  const infrastructure = await (async () => {
    await using cloud = cloudUnderTest({ store, world, clock });
    await cloud.start();
    return await setUp(cloud, store, world);
  })();
  let submitted: Awaited<ReturnType<typeof deploy>> | undefined;
  for (const attempt of [1, 2, 3]) {
    const { promise: reached, resolve } = Promise.withResolvers<undefined>();
    const hook: StepHook = async (step) => {
      if (step !== "after createPort") return;
      resolve(undefined);
      await new Promise(() => {});
    };
    const cloud = cloudUnderTest({ store, world, clock, hook });
    await cloud.start();
    if (attempt === 1) submitted = await deploy(cloud, infrastructure);
    await reached;
  }
  await using cloud = cloudUnderTest({ store, world, clock });
  await cloud.start();
  if (submitted === undefined) throw new TypeError("nothing was submitted");
  const job = await ended(store, submitted);
  expect(job.errorText).toContain("was begun 3 times and the server ended each time; it was undone");
  expect(await census(store, world)).toMatchObject({ instances: ["Error"], nics: [], ports: 0, domains: 0 });
  expect(await nics.list(store.db)).toEqual([]);
});

test("a network that was left Implementing, and that nobody needs any more, goes the way of a failure", async () => {
  await using store = await temporaryStore();
  const world = new World();
  const clock = new FakeClock();
  {
    await using cloud = cloudUnderTest({ store, world, clock });
    await cloud.start();
    const { network } = await setUp(cloud, store, world);
    await store.transact((tx) => guestNetworks.update(tx, network.id, { state: "Implementing" }));
  }
  await using cloud = cloudUnderTest({ store, world, clock, settings: { reclaimIntervalMs: 1_000 } });
  await cloud.start();
  expect((await guestNetworks.list(store.db))[0]).toMatchObject({
    state: "Shutdown",
    stateReason: "the server ended while it was at work on it",
  });
  await expect
    .poll(async () => (clock.turn(1_000), (await guestNetworks.list(store.db))[0]))
    .toMatchObject({ state: "Allocated" });
});

test("a job that is asked for before the cloud was started is run once", async () => {
  await using store = await temporaryStore();
  const world = new World();
  const errors: object[] = [];
  const logger = { ...silentLogger, error: (fields: object) => void errors.push(fields) };
  await using cloud = cloudUnderTest({ store, world, clock: new FakeClock(), logger });
  const infrastructure = await setUp(cloud, store, world);
  const submitted = await deploy(cloud, infrastructure);
  await cloud.start();
  expect(await ended(store, submitted)).toMatchObject({ state: "succeeded", attempts: 1 });
  // By the time that a later job has ended, a second run of the first one would have been refused.
  await ended(store, await deploy(cloud, infrastructure));
  expect(world.calls.filter((call) => call === "startDomain")).toHaveLength(2);
  expect(errors).toEqual([]);
});
