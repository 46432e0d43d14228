/** What tests of the cloud look at: how work ends, and what there is then. */
import { setImmediate as turnOfTheLoop } from "node:timers/promises";
import { isLoomstackError, type LoomstackError } from "@loomstack/core";
import { guestNetworks, type Instance, instances, type Job, jobs, nics, type Store } from "@loomstack/model";
import type { World } from "./world-under-test.ts";

/** The job once it has ended. Fails the test when that takes too long. */
export async function ended(store: Store, { id }: Pick<Job, "id">): Promise<Job> {
  return eventually(async () => {
    const job = await jobs.get(store.db, id);
    return job.state === "succeeded" || job.state === "failed" ? job : undefined;
  });
}

/** A commit waits for the disk, which others may keep busy. */
const patienceMs = 20_000;

/** What `look` finds, as soon as it finds something. */
export async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + patienceMs;
  do {
    const found = await look();
    if (found !== undefined) return found;
    await turnOfTheLoop();
  } while (performance.now() < deadline);
  throw new TypeError("this did not happen");
}

/** What `work` is refused with; fails the test when it isn't refused by an error of ours. */
export async function refusal(work: Promise<unknown>): Promise<LoomstackError> {
  try {
    await work;
  } catch (error) {
    if (isLoomstackError(error)) return error;
    throw error;
  }
  throw new TypeError("this should have been refused");
}

/** How many of everything there is, inside and outside. */
export async function census(store: Store, world: World): Promise<Record<string, unknown>> {
  return {
    instances: (await instances.list(store.db)).map(({ state }) => state),
    nics: (await nics.list(store.db)).map(({ portState }) => portState),
    networks: (await guestNetworks.list(store.db)).map(({ state }) => state),
    ports: world.ports.size,
    domains: [...world.domains.values()].reduce((sum, domains) => sum + domains.size, 0),
    controllerNetworks: world.networks.size,
  };
}

/** The only instance that there is. */
export async function theInstance(store: Store): Promise<Instance> {
  const [instance, ...others] = await instances.list(store.db);
  if (instance === undefined || others.length > 0)
    throw new TypeError(`there are ${String(others.length + 1)} instances, or none`);
  return instance;
}
