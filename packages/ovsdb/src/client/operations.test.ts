/** What operations can ask of a real ovsdb-server, and what becomes of them when its schema is another than ours. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, systemClock, type Uuid } from "@loomstack/core";
import { missingOpenVSwitch, type OvsdbDaemon, startOvsdbDaemon } from "@loomstack/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Condition } from "../notation/condition.ts";
import { stringifyJson } from "../notation/json.ts";
import { insert, mutate, remove, select, update, wait } from "../notation/operation.ts";
import { formatSchema } from "../schema/format-schema.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import type { OvsdbClient } from "./client.ts";
import { connectOvsdb } from "./connect.ts";

const integer = { type: "integer" } as const;
const text = { type: "string" } as const;
const columns = {
  name: { key: text, min: 1, max: 1 },
  height: { key: integer, min: 0, max: 1 },
  seeds: { key: integer, min: 0, max: "unlimited" },
} as const;

/** As the server has it. */
const plants = { name: "Plants", version: "1.0.0", tables: { Plant: { columns, isRoot: true } } } as const;

/** As a newer client has it: another column, a column of another type, another table. */
const newer = {
  ...plants,
  tables: {
    Plant: {
      columns: { ...columns, seeds: { key: text, min: 1, max: 1 }, family: { key: text, min: 0, max: 1 } },
      isRoot: true,
    },
    Gardener: { columns: { name: columns.name }, isRoot: true },
  },
} as const satisfies DatabaseSchema;

describe.skipIf(missingOpenVSwitch !== undefined)("with ovsdb-server", () => {
  let folder = "";
  let daemon: OvsdbDaemon;
  let client: OvsdbClient;
  const connect = (): Promise<OvsdbClient> =>
    connectOvsdb({ remote: daemon.remote, clock: systemClock, logger: silentLogger });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "loomstack-plants-"));
    const schemaFile = join(folder, "plants.ovsschema");
    await writeFile(schemaFile, stringifyJson(formatSchema(plants)));
    daemon = await startOvsdbDaemon({ schemaFile });
  });
  afterAll(async () => {
    await daemon[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    client = await connect();
  });
  afterEach(async () => {
    await client.transact("Plants", [remove(plants, "Plant", [])]);
    await client[Symbol.asyncDispose]();
  });

  const add = async (name: string, height?: number): Promise<Uuid> =>
    (await client.transact("Plants", [insert(plants, "Plant", { name, height, seeds: new Set([1]) })]))[0].uuid;

  async function namesWhere(where: readonly Condition<typeof plants, "Plant">[]): Promise<string> {
    const [{ rows }] = await client.transact("Plants", [select(plants, "Plant", where, ["name"])]);
    return rows
      .map(({ name }) => name)
      .sort()
      .join("");
  }

  test("a select without columns gives all of them, the row's id and its version", async () => {
    const uuid = await add("a", 7);
    const ask = [select(plants, "Plant", [["_uuid", "==", uuid]])] as const;
    const [{ rows, missing }] = await client.transact("Plants", ask);
    const row = { _uuid: uuid, _version: expect.any(String) as Uuid, name: "a", height: 7, seeds: new Set([1]) };
    expect([rows, missing]).toEqual([[row], undefined]);
    const [, [changed]] = [
      await client.transact("Plants", [update(plants, "Plant", [], { height: 8 })]),
      (await client.transact("Plants", [update(plants, "Plant", [], { height: 9 }), ...ask]))[1].rows,
    ];
    expect(changed?._version).not.toBe(rows[0]?._version);
  });

  test.each<readonly [readonly Condition<typeof plants, "Plant">[], string]>([
    [[], "abc"],
    [[true], "abc"],
    [[true, ["name", "!=", "a"]], "bc"],
    [[false], ""],
    [[["height", "<=", 2]], "ab"],
    [[["height", ">", 2]], ""],
    [[["height", "==", undefined]], "c"],
    [[["height", "!=", undefined]], "ab"],
    [[["height", "includes", 1]], "a"],
    [[["height", "excludes", new Set([1, 7])]], "bc"],
    [[["seeds", "includes", new Set()]], "abc"],
    [[["seeds", "includes", new Set([1])]], "abc"],
    [[["seeds", "excludes", new Set([1])]], ""],
  ])("the rows where %j are %j", async (where, names) => {
    await add("a", 1);
    await add("b", 2);
    await add("c");
    expect(await namesWhere(where)).toBe(names);
  });

  test("a row's version is compared, and is another after each change", async () => {
    const uuid = await add("a");
    const [{ rows }] = await client.transact("Plants", [select(plants, "Plant", [], ["_version"])]);
    const version = rows[0]?._version ?? uuid;
    expect(await namesWhere([["_version", "==", version]])).toBe("a");
    await client.transact("Plants", [update(plants, "Plant", [], { height: 1 })]);
    expect(await namesWhere([["_version", "==", version]])).toBe("");
  });

  test("arithmetic works on every element, and on what is there of an optional column", async () => {
    await add("a", 2);
    await add("b");
    await client.transact("Plants", [
      mutate(plants, "Plant", [["name", "==", "a"]], [["seeds", "insert", new Set([5])]]),
      mutate(
        plants,
        "Plant",
        [],
        [
          ["seeds", "*=", 2n],
          ["height", "+=", 1],
        ],
      ),
      mutate(plants, "Plant", [["name", "==", "b"]], [["height", "insert", 4]]),
    ]);
    const [{ rows }] = await client.transact("Plants", [select(plants, "Plant", [], ["name", "height", "seeds"])]);
    expect(rows).toHaveLength(2);
    expect(rows).toEqual(
      expect.arrayContaining([
        { name: "a", height: 3, seeds: new Set([2, 10]) },
        { name: "b", height: 4, seeds: new Set([2]) },
      ]),
    );
  });

  test("a wait without a timeout lasts as long as it takes, and can be given up", async () => {
    const uuid = "36bef046-7da7-43a5-905a-c17899216fcb" as Uuid;
    const there = wait(plants, "Plant", [["_uuid", "==", uuid]], ["_uuid"], "==", [{ _uuid: uuid }], Infinity);
    await using other = await connect();
    const waiting = other.transact("Plants", [there], { timeLimitMs: Infinity });
    const giveUp = new AbortController();
    const never = wait(plants, "Plant", [], ["name"], "==", [{ name: "never" }], Infinity);
    const givenUp = other.transact("Plants", [never], { timeLimitMs: Infinity, signal: giveUp.signal });
    giveUp.abort();
    await expect(givenUp).rejects.toMatchObject({ code: "CORE__ABORTED" });
    // Both have been heard when this is answered.
    expect(await other.echo(["ü", 2n ** 60n, null])).toEqual(["ü", 2n ** 60n, null]);
    await client.transact("Plants", [insert(plants, "Plant", { name: "a" }, { uuid })]);
    expect(await waiting).toEqual([{}]);
  });

  test("a wait is for rows that are there, or for others than those", async () => {
    await add("a", 1);
    const [{ rows }] = await client.transact("Plants", [
      select(plants, "Plant", [], ["name"]),
      wait(plants, "Plant", [], ["name", "height"], "==", [{ name: "a", height: 1 }]),
      wait(plants, "Plant", [], ["name"], "!=", [{ name: "b" }]),
      wait(plants, "Plant", [["name", "==", "b"]], ["name"], "==", []),
    ]);
    expect(rows).toEqual([{ name: "a" }]);
    const differs = wait(plants, "Plant", [], ["name", "height"], "==", [{ name: "a" }]);
    await expect(client.transact("Plants", [differs])).rejects.toMatchObject({ code: "OVSDB__TIMED_OUT" });
  });

  describe("that has an older schema than ours", () => {
    test("what it has can be read and written, and a replica names the rest", async () => {
      await client.transact("Plants", [insert(newer, "Plant", { name: "a", height: 7 })]);
      await using replica = await client.monitor(newer, { Plant: "all", Gardener: "all" });
      expect(replica.missing).toEqual(["Plant.seeds", "Plant.family", "Gardener"]);
      expect([...replica.table("Plant").values()]).toEqual([{ name: "a", height: 7, seeds: "", family: undefined }]);
      await client.transact("Plants", [
        wait(newer, "Plant", [], ["name", "height"], "==", [{ name: "a", height: 7 }]),
        update(newer, "Plant", [["name", "==", "a"]], { height: 8 }),
      ]);
      expect([...replica.table("Plant").values()]).toMatchObject([{ height: 8 }]);
    });

    test("a select of all columns reads what it has, and names the rest", async () => {
      const wider = {
        ...plants,
        tables: { Plant: { columns: { ...columns, family: newer.tables.Plant.columns.family }, isRoot: true } },
      } as const;
      const uuid = await add("a");
      const [{ rows, missing }] = await client.transact("Plants", [select(wider, "Plant", [])]);
      expect(rows).toMatchObject([{ _uuid: uuid, name: "a", family: undefined }]);
      expect(missing).toEqual(["Plant.family"]);
    });

    test.each([
      ["an insert", insert(newer, "Plant", { family: "f" }), "No column family in table Plant"],
      ["an update", update(newer, "Plant", [], { family: "f" }), "No column family in table Plant"],
      ["a condition", remove(newer, "Plant", [["family", "==", "f"]]), "No column family in table Plant"],
      ["a mutation", mutate(newer, "Plant", [], [["family", "insert", "f"]]), "No column family in table Plant"],
      ["a selection", select(newer, "Plant", [], ["family"]), "family is not a valid column name"],
      ["a wait", wait(newer, "Plant", [], ["family"], "==", []), "family is not a valid column name"],
      ["a table", insert(newer, "Gardener", {}), "No table named Gardener"],
    ])("%s with what it lacks is refused, and the error names that", async (_, operation, details) => {
      const refused = client.transact("Plants", [insert(plants, "Plant", { name: "a" }), operation]);
      await expect(refused).rejects.toMatchObject({
        code: "OVSDB__SYNTAX_ERROR",
        context: { index: 1, details: expect.stringContaining(details) as string },
      });
      expect(await namesWhere([])).toBe("");
    });

    test("a value of a column that it has with another type is refused", async () => {
      await expect(client.transact("Plants", [insert(newer, "Plant", { seeds: "many" })])).rejects.toMatchObject({
        code: "OVSDB__SYNTAX_ERROR",
      });
    });
  });
});
