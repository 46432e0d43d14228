/** Whether servers make of a draft's operations what the draft has shown. */
import { isLoomstackError, silentLogger, systemClock, type Uuid } from "@loomstack/core";
import { missingOpenVSwitch, startOvsdbServer, startSchemaDaemon } from "@loomstack/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Replica } from "../cache/replica.ts";
import type { OvsdbClient } from "../client/client.ts";
import { connectOvsdb } from "../client/connect.ts";
import { insert, mutate, remove, select } from "../notation/operation.ts";
import type { Draft, RowId } from "./draft.ts";
import { mutation, needed, patch, type Step, step, take } from "./testing/draft-steps.ts";
import { db, drafts, type Drafts, everything, type Items, selected, type Selected } from "./testing/drafts-schema.ts";

/** Whether it has been done; a draft refuses some, such as a number that becomes too large, and then does nothing. */
function attempt(draft: Draft<Drafts, Selected>, does: Step): boolean {
  const before = new Map(draft.table("Item"));
  try {
    take(draft, does);
    return true;
  } catch (error) {
    if (!isLoomstackError(error, "OVSDB__INVALID_VALUE")) throw error;
    expect(new Map(draft.table("Item"))).toEqual(before);
    return false;
  }
}

function resolved(items: Items, uuids: ReadonlyMap<RowId, Uuid>): ReadonlyMap<Uuid, unknown> {
  const real = (id: RowId): Uuid => uuids.get(id) ?? (id as Uuid);
  return new Map(
    Array.from(items, ([id, row]) => [real(id), { ...row, friends: new Set(Array.from(row.friends, real)) }]),
  );
}

const servers = [
  {
    name: "the in-process server",
    runs: 150,
    start: async (stack: AsyncDisposableStack) => stack.use(await startOvsdbServer({ schema: drafts })).remote,
  },
  {
    name: "ovsdb-server",
    runs: 60,
    start: async (stack: AsyncDisposableStack) => stack.use(await startSchemaDaemon(drafts)).daemon.remote,
  },
].filter(({ name }) => missingOpenVSwitch === undefined || name !== "ovsdb-server");

describe.each(servers)("with $name", ({ runs, start }) => {
  const running = new AsyncDisposableStack();
  let client: OvsdbClient;
  let other: OvsdbClient;
  let replica: Replica<Drafts, Selected>;

  const clear = async (): Promise<void> => {
    await other.transact(db, [remove(drafts, "Item", [])]);
    await replica.until(() => replica.table("Item").size === 0);
  };

  beforeAll(async () => {
    const remote = await start(running);
    const connect = async (): Promise<OvsdbClient> =>
      running.use(await connectOvsdb({ remote, clock: systemClock, logger: silentLogger }));
    client = await connect();
    other = await connect();
    replica = await client.monitor(drafts, selected);
  });
  beforeEach(clear);
  afterAll(() => running.disposeAsync());

  test("the replica shows after a transaction exactly what its draft has shown", { timeout: 60_000 }, async () => {
    using byTag = replica.indexByEach("Item", ({ tags }) => tags);
    const severalSteps = fc.array(step, { maxLength: 10 });
    const property = fc.asyncProperty(fc.array(severalSteps, { minLength: 1, maxLength: 3 }), async (transactions) => {
      await clear();
      for (const steps of transactions) {
        const draft = replica.draft();
        for (const does of steps) {
          attempt(draft, does);
          const items = draft.table("Item");
          expect([...items].length).toBe(items.size);
          for (const tag of ["", "a", "b", "ü"]) {
            expect(draft.find(byTag, tag)).toEqual(new Map([...items].filter(([, { tags }]) => tags.has(tag))));
          }
        }
        const shown = new Map(draft.table("Item"));
        const before = new Map(replica.table("Item"));
        const { operations } = draft;
        const results = await client.transact(db, operations);
        expect(new Map(replica.table("Item"))).toEqual(resolved(shown, draft.uuidsOf(results)));
        // A draft that is as the replica was has nothing to say of what is replicated.
        const isSame = shown.size === before.size && [...shown].every(([id, row]) => row === before.get(id as Uuid));
        if (isSame) expect(operations).toEqual([]);
      }
    });
    await fc.assert(property, { numRuns: runs });
  });

  test("a mutation is shown as the server computes it, and refused when the server would", async () => {
    // ovsdb-server 3.1 crashes when it multiplies a negative integer by 0, and refuses 1 times 2^62.
    const impossible = fc
      .constantFrom(["/=", 0], ["%=", 0], ["*=", 2n ** 53n])
      .map(([mutator, argument]) => ["count", mutator, argument] as const);
    const property = fc.asyncProperty(patch, fc.oneof(mutation, impossible), async (given, does) => {
      const row = { ...needed, ...given, name: "item" };
      const where = [["name", "==", row.name]] as const;
      const onServer = await client
        .transact(db, [
          insert(drafts, "Item", row),
          mutate(drafts, "Item", where, [does]),
          select(drafts, "Item", where, selected.Item),
          remove(drafts, "Item", where),
        ])
        .then(([, , { rows }]) => rows[0])
        .catch((error: unknown) => (error as { readonly code: unknown }).code);
      const draft = replica.draft();
      const made = draft.insert("Item", row);
      if (typeof onServer === "string") {
        expect(onServer).toMatch(/^OVSDB__(DOMAIN|RANGE)_ERROR$/);
        expect(() => draft.mutate("Item", made, [does])).toThrow("can't hold this value");
      } else {
        draft.mutate("Item", made, [does]);
        expect(draft.table("Item").get(made)).toEqual(onServer);
      }
    });
    await fc.assert(property, { numRuns: runs });
  });

  test("columns that aren't replicated get what is written to them", async () => {
    const draft = replica.draft();
    const first = draft.insert("Item", { name: "first", some: new Set([1]), pair: new Set([1]), ghost: 4 });
    draft.mutate("Item", first, [
      ["ghost", "*=", 3],
      ["hidden", "insert", new Map([["a", 1]])],
    ]);
    const uuid = draft.uuidsOf(await client.transact(db, draft.operations)).get(first);
    if (uuid === undefined) throw new TypeError("the row has no UUID");
    const next = replica.draft();
    next.mutate("Item", uuid, [
      ["ghost", "+=", 2],
      ["hidden", "insert", new Map([["b", 2]])],
      ["ghost", "*=", 2],
    ]);
    await client.transact(db, next.operations);
    const [{ rows }] = await client.transact(db, [select(drafts, "Item", [], everything)]);
    expect(rows).toMatchObject([
      {
        name: "first",
        ghost: 28,
        hidden: new Map([
          ["a", 1],
          ["b", 2],
        ]),
      },
    ]);
  });

  test("what was verified must still be so, or the transaction fails and changes nothing", async () => {
    const making = replica.draft();
    const made = making.insert("Item", { name: "verified", some: new Set([1]), pair: new Set([1]), note: "read" });
    const uuid = making.uuidsOf(await client.transact(db, making.operations)).get(made);
    if (uuid === undefined) throw new TypeError("the row has no UUID");
    const write = (): Draft<Drafts, Selected> => {
      const draft = replica.draft();
      draft.verify("Item", uuid, ["note", "tags", "labels", "level"]);
      draft.verify("Item", uuid, []);
      draft.update("Item", uuid, { note: "written", count: 1 });
      return draft;
    };
    const [late, later] = [write(), write()];
    await client.transact(db, late.operations);
    expect(replica.table("Item").get(uuid)).toMatchObject({ note: "written", count: 1 });
    await expect(client.transact(db, later.operations)).rejects.toMatchObject({
      code: "OVSDB__TIMED_OUT",
      context: { index: 0, operation: `wait Item where _uuid == ${uuid}` },
    });

    const presence = replica.draft();
    presence.verify("Item", uuid, []);
    await client.transact(db, presence.operations);
    await other.transact(db, [remove(drafts, "Item", [])]);
    await expect(client.transact(db, presence.operations)).rejects.toMatchObject({ code: "OVSDB__TIMED_OUT" });
  });
});
