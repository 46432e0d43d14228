/** What holds for any values and any interleaving of transactions, in each form in which servers tell of changes. */
import { silentLogger, systemClock, type Uuid } from "@loomstack/core";
import {
  missingOpenVSwitch,
  type RefusingRelay,
  startOvsdbServer,
  startRefusingRelay,
  startSchemaDaemon,
} from "@loomstack/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Replica } from "../cache/replica.ts";
import type { OvsdbClient } from "../client/client.ts";
import { connectOvsdb } from "../client/connect.ts";
import { openOvsdb } from "../client/open.ts";
import type { ReconnectingOvsdb } from "../client/reconnecting.ts";
import type { MonitorConditions } from "../monitor/conditions.ts";
import type { Condition } from "../notation/condition.ts";
import { insert, mutate, type Operation, remove, select, update } from "../notation/operation.ts";
import { anyAtoms, fewAtoms, valuePatch } from "./arbitraries.ts";
import { conformance, database } from "./schema.ts";

type Values = typeof conformance;
const replicated = { Value: "all", Whole: "all", Part: "all", Only: "all" } as const;
type View = Replica<Values, typeof replicated>;
type ValueCondition = Condition<Values, "Value">;
type Alternatives = NonNullable<MonitorConditions<Values, typeof replicated>["Value"]>;

interface Candidate {
  readonly name: string;
  readonly start: () => Promise<{ readonly remote: string } & AsyncDisposable>;
  /** The methods that it seems to lack. */
  readonly refused: readonly string[];
  /** A server remembers transactions of no more atoms than its database has: rows that nobody looks at. */
  readonly bulkRows?: number;
}

const startDaemon =
  (clustered: boolean): Candidate["start"] =>
  async () => {
    const { daemon, ...running } = await startSchemaDaemon(conformance, { clustered });
    return { ...running, remote: daemon.remote };
  };
const startInProcess = (): ReturnType<Candidate["start"]> => startOvsdbServer({ schema: conformance });

const since2_12 = ["monitor_cond_since"];
const since2_6 = [...since2_12, "monitor_cond", "monitor_cond_change"];
const daemons: readonly Candidate[] = [
  { name: "update3 of ovsdb-server, which remembers no transactions", start: startDaemon(false), refused: [] },
  {
    name: "update3 of a clustered ovsdb-server, which remembers some",
    start: startDaemon(true),
    refused: [],
    bulkRows: 500,
  },
  { name: "update2 of ovsdb-server", start: startDaemon(false), refused: since2_12 },
  { name: "update of ovsdb-server", start: startDaemon(false), refused: since2_6 },
];
const inProcessServers: readonly Candidate[] = [
  { name: "update3 of the in-process server", start: startInProcess, refused: [] },
  { name: "update2 of the in-process server", start: startInProcess, refused: since2_12 },
  { name: "update of the in-process server", start: startInProcess, refused: since2_6 },
];
const usable = [...(missingOpenVSwitch === undefined ? daemons : []), ...inProcessServers];

const columns = Object.keys(conformance.tables.Value.columns) as (keyof Values["tables"]["Value"]["columns"])[];

/** The rows as the server gives them, for comparison with a replica. */
async function dump(client: OvsdbClient, where: readonly ValueCondition[] = []): Promise<unknown> {
  const [value, whole, part, only] = await client.transact(database, [
    select(conformance, "Value", where, ["_uuid", ...columns]),
    select(conformance, "Whole", [], ["_uuid", "parts", "named_parts", "favourite"]),
    select(conformance, "Part", [], ["_uuid", "name", "parts"]),
    select(conformance, "Only", [], ["_uuid", "counter"]),
  ]);
  return [value, whole, part, only].map(
    ({ rows }) => new Map((rows as readonly { readonly _uuid: Uuid }[]).map(({ _uuid, ...row }) => [_uuid, row])),
  );
}

const contentsOf = (replica: View): unknown =>
  (["Value", "Whole", "Part", "Only"] as const).map((table) => new Map<Uuid, unknown>(replica.table(table)));

const name = fc.constantFrom("a", "b", "c");
const part = fc.constantFrom("p", "q");
const patch = valuePatch(fewAtoms, "some");
const named = (of: string) => [["name", "==", of]] as const;
const addPart = (of: string): Operation => ({
  ...mutate(conformance, "Whole", [], []),
  json: { op: "mutate", table: "Whole", where: [], mutations: [["parts", "insert", ["named-uuid", of]]] },
});

/** One or two operations that depend on each other; some are refused. */
const work: fc.Arbitrary<readonly Operation[]> = fc.oneof(
  fc.tuple(name, patch).map(([of, row]) => [insert(conformance, "Value", { ...row, name: of })]),
  fc.tuple(name, patch).map(([of, row]) => [update(conformance, "Value", named(of), row)]),
  patch.map((row) => [update(conformance, "Value", [], row)]),
  fc.tuple(name, fewAtoms.string, fewAtoms.integer).map(([of, text, integer]) => [
    mutate(conformance, "Value", named(of), [
      ["string_map", "insert", new Map([[String(text), of]])],
      ["string_set", "delete", new Set([String(text)])],
      ["integer_set", "insert", new Set([BigInt(integer as number)])],
    ]),
  ]),
  name.map((of) => [remove(conformance, "Value", named(of))]),
  part.map((of) => [
    {
      ...insert(conformance, "Part", { name: of }),
      json: { op: "insert", table: "Part", row: { name: of }, "uuid-name": of },
    },
    addPart(of),
  ]),
  fc.constant([update(conformance, "Whole", [], { parts: new Set() })]),
);

type Step =
  | { readonly kind: "work"; readonly by: 0 | 1; readonly operations: readonly Operation[] }
  | { readonly kind: "conditions"; readonly where: Alternatives }
  | { readonly kind: "cut" }
  | { readonly kind: "breathe" };

const condition: fc.Arbitrary<ValueCondition> = fc.oneof(
  name.map((of): ValueCondition => ["name", "==", of]),
  fewAtoms.integer.map((integer): ValueCondition => ["integer_one", "<=", BigInt(integer as number)]),
  fewAtoms.string.map((text): ValueCondition => ["string_set", "includes", new Set([String(text)])]),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant("work" as const), by: fc.constantFrom(0, 1), operations: work }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("conditions" as const),
      where: fc.array(fc.oneof(condition, fc.boolean())),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cut" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("breathe" as const) }) },
);

describe.each(usable)("by $name", ({ start, refused, bulkRows = 0 }) => {
  const running = new AsyncDisposableStack();
  const hasConditions = !refused.includes("monitor_cond");
  let relay: RefusingRelay;
  let writers: readonly [OvsdbClient, OvsdbClient];
  let ovsdb: ReconnectingOvsdb;
  let whole: View;
  let some: View;
  let counter = 0;

  beforeAll(async () => {
    const { remote } = running.use(await start());
    relay = running.use(await startRefusingRelay(remote, refused));
    const traits = { clock: systemClock, logger: silentLogger };
    const connect = async (): Promise<OvsdbClient> => running.use(await connectOvsdb({ remote, ...traits }));
    writers = [await connect(), await connect()];
    const backoff = { firstMs: 1, limitMs: 5 };
    ovsdb = running.use(openOvsdb({ remotes: [relay.remote], ...traits, random: () => 0, backoff }));
    whole = await ovsdb.monitor(conformance, replicated);
    some = await ovsdb.monitor(conformance, replicated, hasConditions ? { where: { Value: [] } } : {});
    await writers[0].transact(database, [insert(conformance, "Whole", {}), insert(conformance, "Only", {})]);
    const bulk = Array.from({ length: bulkRows }, () =>
      insert(conformance, "Constrained", { few: new Set([1, 2, 3]) }),
    );
    await writers[0].transact(database, bulk);
  }, 60_000);
  afterAll(() => running.disposeAsync());

  /** Until the replicas show everything that was done before. */
  async function caughtUp(): Promise<void> {
    counter += 1;
    await writers[0].transact(database, [update(conformance, "Only", [], { counter })]);
    for (const replica of [whole, some]) {
      await replica.until(() => [...replica.table("Only").values()].some((row) => row.counter === counter));
    }
  }

  async function empty(): Promise<void> {
    await writers[0].transact(database, [
      remove(conformance, "Value", []),
      update(conformance, "Whole", [], { parts: new Set(), named_parts: new Map() }),
    ]);
  }

  /** Asks again on the next connection when one is cut. */
  async function changeConditions(where: Alternatives): Promise<void> {
    for (;;) {
      await ovsdb.connected();
      const changed = await some.changeConditions({ Value: where }).then(
        () => true,
        () => false,
      );
      if (changed) return;
    }
  }

  test("any values are replicated and selected as they were written, and as they were changed", async () => {
    const row = valuePatch(anyAtoms, "all");
    const property = fc.asyncProperty(row, row, async (first, second) => {
      const [{ uuid }] = await writers[0].transact(database, [insert(conformance, "Value", { ...first, name: "any" })]);
      for (const expected of [first, second, first]) {
        await writers[1].transact(database, [update(conformance, "Value", [], expected)]);
        await caughtUp();
        expect(whole.table("Value").get(uuid)).toEqual({ ...expected, name: "any" });
        expect(contentsOf(whole)).toEqual(await dump(writers[0]));
      }
    });
    await fc.assert(property, { numRuns: 15, plugins: [fc.afterEach(empty)] });
  }, 60_000);

  test("after any interleaving of transactions, conditions and lost connections a replica is what a dump gives", async () => {
    const property = fc.asyncProperty(
      fc.array(step, { minLength: 10, maxLength: 60 }),
      condition,
      async (steps, last) => {
        const going: Promise<unknown>[] = [];
        const start = (doing: Promise<unknown>): unknown => going.push(doing.catch(() => undefined));
        for (const each of steps) {
          if (each.kind === "work") start(writers[each.by].transact(database, each.operations));
          else if (each.kind === "cut") relay.cut();
          else if (each.kind === "breathe") await new Promise((resolve) => setImmediate(resolve));
          else if (hasConditions) start(some.changeConditions({ Value: each.where }));
        }
        await Promise.all(going);
        if (hasConditions) await changeConditions([last]);
        await caughtUp();
        expect(contentsOf(whole)).toEqual(await dump(writers[0]));
        expect(contentsOf(some)).toEqual(await dump(writers[0], hasConditions ? [last] : []));
      },
    );
    await fc.assert(property, { numRuns: 40, plugins: [fc.afterEach(empty)] });
  }, 60_000);
});
