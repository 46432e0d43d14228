/** Whether a draft and what others do meanwhile leave each other whole. */
import { isLoomstackError, silentLogger, systemClock, type Uuid } from "@loomstack/core";
import { missingOpenVSwitch, startOvsdbServer, startSchemaDaemon } from "@loomstack/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Replica } from "../cache/replica.ts";
import type { OvsdbClient } from "../client/client.ts";
import { connectOvsdb } from "../client/connect.ts";
import { insert, mutate, type Operation, remove, select } from "../notation/operation.ts";
import type { Draft } from "./draft.ts";
import { at, needed, type Step, step, take } from "./testing/draft-steps.ts";
import { db, drafts, type Drafts, selected, type Selected } from "./testing/drafts-schema.ts";

/** What somebody else does to one of the rows. */
interface ForeignStep {
  readonly kind: "tag" | "insert" | "delete" | "count";
  readonly at: number;
  /** Whether nothing else happens until it is done. */
  readonly isAwaited: boolean;
}

type Event = { readonly ours: Step } | { readonly theirs: ForeignStep } | { readonly commits: true };

const tagging: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant("mutate"),
  at,
  mutations: fc.constantFrom("a", "b").map((tag) => [["tags", "insert", new Set([tag])]] as const),
});
const kind = fc.constantFrom("tag", "tag", "insert", "delete", "count");
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ ours: fc.oneof(step, tagging) }),
  fc.record({ theirs: fc.record({ kind, at, isAwaited: fc.boolean() }) }),
  fc.constant({ commits: true }),
);

/** Others may have deleted what the draft changes or refers to. */
const conflicts = ["OVSDB__NO_SUCH_ROW", "OVSDB__REFERENTIAL_INTEGRITY_VIOLATION", "OVSDB__RANGE_ERROR"];

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
  let draft: Draft<Drafts, Selected>;
  /** The rows that they have tagged; none of our own writes takes such a tag out. */
  const tagged = new Map<Uuid, Set<string>>();

  beforeAll(async () => {
    const remote = await start(running);
    const connect = async (): Promise<OvsdbClient> =>
      running.use(await connectOvsdb({ remote, clock: systemClock, logger: silentLogger }));
    client = await connect();
    other = await connect();
    replica = await client.monitor(drafts, selected);
  });
  afterAll(() => running.disposeAsync());

  async function begin(): Promise<void> {
    const [, { uuid }] = await other.transact(db, [
      remove(drafts, "Item", []),
      insert(drafts, "Item", { ...needed, name: "one" }),
      insert(drafts, "Item", { ...needed, name: "two" }),
    ]);
    await replica.until(() => replica.table("Item").has(uuid));
    tagged.clear();
    draft = replica.draft();
  }

  async function commit(): Promise<void> {
    try {
      await client.transact(db, draft.operations);
    } catch (error) {
      if (!isLoomstackError(error) || !conflicts.includes(error.code)) throw error;
    }
    draft = replica.draft();
  }

  function writeOurs(does: Step): void {
    // What is shown of their tags would be taken out.
    if ("row" in does && does.row.tags !== undefined) return;
    try {
      take(draft, does);
    } catch (error) {
      if (!isLoomstackError(error, "OVSDB__INVALID_VALUE")) throw error;
    }
  }

  function theirOperation(does: ForeignStep, tag: string): Operation {
    const uuids = [...replica.table("Item").keys()];
    const uuid = uuids[does.at % Math.max(uuids.length, 1)];
    if (does.kind === "insert" || uuid === undefined) return insert(drafts, "Item", { ...needed, name: tag });
    const where = [["_uuid", "==", uuid]] as const;
    if (does.kind === "delete") return remove(drafts, "Item", where);
    if (does.kind === "count") return mutate(drafts, "Item", where, [["count", "+=", 1]]);
    tagged.set(uuid, (tagged.get(uuid) ?? new Set()).add(tag));
    return mutate(drafts, "Item", where, [["tags", "insert", new Set([tag])]]);
  }

  async function whatTheServerHas(): Promise<ReadonlyMap<Uuid, unknown>> {
    const [{ rows }] = await client.transact(db, [select(drafts, "Item", [], ["_uuid", ...selected.Item])]);
    return new Map(rows.map(({ _uuid, ...row }) => [_uuid, row]));
  }

  test(
    "the replica is what the server has, and no element that others write is lost",
    { timeout: 60_000 },
    async () => {
      using byName = replica.index("Item", ({ name }) => name);
      const property = fc.asyncProperty(fc.array(event, { maxLength: 20 }), async (events) => {
        await begin();
        const theirs: Promise<unknown>[] = [];
        for (const [n, does] of events.entries()) {
          if ("commits" in does) await commit();
          else if ("ours" in does) writeOurs(does.ours);
          else {
            // A row that others refer to can't be deleted, and a count may be as large as can be.
            const done = other.transact(db, [theirOperation(does.theirs, `their ${n}`)]).catch((error: unknown) => {
              if (!isLoomstackError(error) || !conflicts.includes(error.code)) throw error;
            });
            theirs.push(done);
            if (does.theirs.isAwaited) await done;
          }
        }
        await commit();
        await Promise.all(theirs);
        const real = await whatTheServerHas();
        expect(new Map(replica.table("Item"))).toEqual(real);
        for (const [uuid, row] of replica.table("Item")) {
          expect(byName.get(row.name).get(uuid)).toBe(row);
          expect([...(tagged.get(uuid) ?? [])].filter((tag) => !row.tags.has(tag))).toEqual([]);
        }
      });
      await fc.assert(property, { numRuns: runs });
    },
  );
});
