/** What the tests of this package share: a cloud over a real store, in a world that is played. */
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, type Logger, silentLogger } from "@loomstack/core";
import { openSqliteStore, type Store } from "@loomstack/model";
import { type Cloud, createCloud } from "./cloud.ts";
import type { CloudSettings } from "./context.ts";
import type { StepHook, World } from "./world-under-test.ts";

/** A store in a folder of its own, which goes with it; a copy of the one in `original`, where that is given. */
export async function temporaryStore(original?: string): Promise<Store & { readonly file: string }> {
  const folder = mkdtempSync(join(tmpdir(), "loomstack-cloud-"));
  const file = join(folder, "store.db");
  if (original !== undefined) for (const part of ["", "-wal"]) copyFileSync(original + part, file + part);
  const store = await openSqliteStore(file);
  const close = store[Symbol.asyncDispose].bind(store);
  return Object.assign(store, {
    file,
    [Symbol.asyncDispose]: async () => {
      await close();
      rmSync(folder, { recursive: true });
    },
  });
}

export interface UnderTestOptions {
  readonly store: Store;
  readonly world: World;
  readonly clock: Clock;
  readonly hook?: StepHook;
  readonly settings?: Partial<CloudSettings>;
  readonly logger?: Logger;
}

let counter = 0;

/** Bytes that don't repeat, and are no surprise. */
export function countingRandom(size: number): Uint8Array {
  counter += 1;
  return Uint8Array.from({ length: size }, (_, index) => (counter >> (8 * (size - 1 - index))) & 0xff);
}

export function cloudUnderTest({
  store,
  world,
  clock,
  hook = () => Promise.resolve(),
  settings = {},
  logger = silentLogger,
}: UnderTestOptions): Cloud {
  return createCloud({
    store: hooked(store, hook),
    clock,
    logger,
    random: countingRandom,
    connectHypervisor: (uri) => Promise.resolve().then(() => world.connect(uri, hook)),
    provider: () => world.provider(hook),
    settings,
  });
}

/** The store, with a step before and after each transaction. */
function hooked(store: Store, hook: StepHook): Store {
  return {
    get db() {
      return store.db;
    },
    commits: store.commits,
    events: store.events,
    revision: () => store.revision(),
    reading: () => store.reading(),
    async transact(work) {
      await hook("before transact");
      const answer = await store.transact(work);
      await hook("after transact");
      return answer;
    },
    observe: (work) => store.observe(work),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
