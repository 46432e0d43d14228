/** The same server with the ovs library of Open vSwitch, in Python, as its other client. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { silentLogger, systemClock, type Uuid } from "@loomstack/core";
import { missingOpenVSwitch, startSchemaDaemon } from "@loomstack/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Replica } from "../cache/replica.ts";
import type { OvsdbClient } from "../client/client.ts";
import { connectOvsdb } from "../client/connect.ts";
import { isJsonObject, type Json, type JsonObject, parseJson, stringifyJson } from "../notation/json.ts";
import { assert, insert, remove, update } from "../notation/operation.ts";
import { encodeRow } from "../notation/row.ts";
import { decodeValue } from "../notation/value.ts";
import type { RowPatch } from "../schema/row-types.ts";
import { anyAtoms, fewAtoms, valuePatch } from "./arbitraries.ts";
import { conformance, database } from "./schema.ts";

const interpreter = "/usr/bin/python3";
const missing = missingOpenVSwitch ?? (hasOvsLibrary() ? undefined : "the Python package ovs (python3-openvswitch)");

function hasOvsLibrary(): boolean {
  try {
    execFileSync(interpreter, ["-c", "import ovs.db.idl"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** The other client. One request at a time. */
interface Other extends AsyncDisposable {
  ask(request: JsonObject): Promise<Json>;
}

function startOther(remote: string, schemaFile: string): Other {
  const program = fileURLToPath(new URL("interoperate.py", import.meta.url));
  const child = spawn(interpreter, [program, remote, schemaFile], { stdio: "pipe" });
  const exited = once(child, "exit");
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-20_000)));
  child.stdin.on("error", () => undefined);
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    async ask(request) {
      child.stdin.write(`${stringifyJson(request)}\n`);
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`the other client has ended: ${said}`);
      return parseJson(value);
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exited;
    },
  };
}

/** What Python's library (3.1) can be sent. */
const legible = {
  // It loses a character that lies across the border of two of its reads, and then its connection.
  string: fc.string({ unit: fc.constantFrom("a", "Z", " ", '"', "\\", "{", "\n", "\u0001") }),
  // JSON writes a real such as 2e20 as digits; Python reads them as an integer, which isn't equal to the real.
  real: anyAtoms.real.filter((real) => Math.abs(Number(real)) <= 2 ** 53 || Math.abs(Number(real)) >= 1e21),
};

type Patch = RowPatch<typeof conformance, "Value">;

/** Columns in the notation of RFC 7047. */
const encode = (row: Patch): JsonObject => encodeRow(conformance, "Value", row);

/** What the other client holds, in our values. */
function decode(dump: Json): Map<Uuid, unknown> {
  const table = isJsonObject(dump) && isJsonObject(dump["Value"]) ? dump["Value"] : {};
  const columns = Object.entries(conformance.tables.Value.columns);
  return new Map(
    Object.entries(table).map(([uuid, row]) => [
      uuid as Uuid,
      Object.fromEntries(
        columns.map(([name, column]) => [name, decodeValue(column, isJsonObject(row) ? row[name] : null, name)]),
      ),
    ]),
  );
}

describe.skipIf(missing !== undefined)(
  `with the ovs library of Python${missing === undefined ? "" : ` (skipped: there is no ${missing})`}`,
  () => {
    const running = new AsyncDisposableStack();
    let client: OvsdbClient;
    let other: Other;
    let replica: Replica<typeof conformance, { readonly Value: "all" }>;

    beforeAll(async () => {
      const { daemon, schemaFile } = running.use(await startSchemaDaemon(conformance));
      other = running.use(startOther(daemon.remote, schemaFile));
      const remote = daemon.remote;
      client = running.use(await connectOvsdb({ remote, clock: systemClock, logger: silentLogger }));
      replica = await client.monitor(conformance, { Value: "all" });
    }, 20_000);
    afterAll(() => running.disposeAsync());

    async function empty(): Promise<void> {
      await client.transact(database, [remove(conformance, "Value", [])]);
      for (const name of ["ours", "theirs", "a", "b", "last"]) await other.ask({ until: ["Value", name, null] });
    }

    const row = (name: string): unknown => [...replica.table("Value").values()].find((each) => each.name === name);

    test("each sees what the other writes, in columns of every type", async () => {
      const patches = valuePatch({ ...anyAtoms, ...legible }, "all");
      const property = fc.asyncProperty(patches, patches, async (ours, theirs) => {
        await client.transact(database, [insert(conformance, "Value", { ...ours, name: "ours" })]);
        expect(await other.ask({ until: ["Value", "ours", encode(ours)] })).toBe(true);
        expect(await other.ask({ transact: [["insert", "Value", "theirs", encode(theirs)]] })).toBe("success");
        expect(await other.ask({ transact: [["update", "Value", "ours", encode(theirs)]] })).toMatch(
          /success|unchanged/,
        );
        await client.transact(database, [update(conformance, "Value", [["name", "==", "theirs"]], ours)]);
        expect(row("ours")).toEqual({ ...theirs, name: "ours" });
        expect(row("theirs")).toEqual({ ...ours, name: "theirs" });
        expect(await other.ask({ until: ["Value", "theirs", encode(ours)] })).toBe(true);
        expect(decode(await other.ask({ dump: ["Value"] }))).toEqual(new Map<Uuid, unknown>(replica.table("Value")));
        expect(await other.ask({ transact: [["delete", "Value", "ours", {}]] })).toBe("success");
        await empty();
        expect(replica.table("Value").size).toBe(0);
      });
      await fc.assert(property, { numRuns: 10, plugins: [fc.afterEach(empty)] });
    }, 20_000);

    test("characters of several bytes reach each other", async () => {
      const [ours, theirs] = [{ string_one: "ü€𝄞" }, { string_map: new Map([["𝄞", "€ü"]]) }];
      await client.transact(database, [insert(conformance, "Value", { ...ours, name: "ours" })]);
      expect(await other.ask({ until: ["Value", "ours", encode(ours)] })).toBe(true);
      expect(await other.ask({ transact: [["update", "Value", "ours", encode(theirs)]] })).toBe("success");
      await replica.until(() => [...replica.table("Value").values()].some(({ string_map }) => string_map.size === 1));
      expect(row("ours")).toMatchObject({ ...ours, ...theirs });
      await empty();
    });

    test("both hold the same rows after any transactions of both at once", async () => {
      const name = fc.constantFrom("a", "b");
      const patch = valuePatch({ ...fewAtoms, string: legible.string }, "some");
      const both = [insert(conformance, "Value", { name: "a" }), insert(conformance, "Value", { name: "b" })];
      const property = fc.asyncProperty(
        fc.array(fc.tuple(name, patch), { minLength: 5, maxLength: 20 }),
        fc.array(fc.tuple(name, patch), { minLength: 3, maxLength: 5 }),
        async (ours, theirs) => {
          await client.transact(database, both);
          await other.ask({ until: ["Value", "b", {}] });
          const writing = Promise.all(
            ours.map(([of, values]) =>
              client.transact(database, [update(conformance, "Value", [["name", "==", of]], values)]),
            ),
          );
          for (const [of, values] of theirs) {
            const status = await other.ask({ transact: [["update", "Value", of, encode(values)]] });
            expect(status).toMatch(/^(success|unchanged)$/);
          }
          await writing;
          await client.transact(database, [insert(conformance, "Value", { name: "last" })]);
          await other.ask({ until: ["Value", "last", {}] });
          expect(decode(await other.ask({ dump: ["Value"] }))).toEqual(new Map<Uuid, unknown>(replica.table("Value")));
        },
      );
      await fc.assert(property, { numRuns: 10, plugins: [fc.afterEach(empty)] });
    }, 20_000);

    test("a lock goes from one to the other and back", async () => {
      const ours = await client.lock("leader");
      expect(ours.owned).toBe(true);
      expect(await other.ask({ lock: "leader", until: false })).toEqual({ has: false, contended: true });
      await expect(client.transact(database, [assert("leader")])).resolves.toEqual([{}]);
      await ours[Symbol.asyncDispose]();
      expect(await other.ask({ lock: "leader", until: true })).toEqual({ has: true, contended: false });
      const again = await client.lock("leader");
      expect(again.owned).toBe(false);
      await expect(client.transact(database, [assert("leader")])).rejects.toMatchObject({ code: "OVSDB__NOT_OWNER" });
      expect(await other.ask({ transact: [["insert", "Value", "guarded", {}]] })).toBe("success");
      await other.ask({ lock: null, until: false });
      await again.acquired();
      const thief = await client.lock("another");
      expect(await other.ask({ lock: "another", until: false })).toEqual({ has: false, contended: true });
      expect(await other.ask({ transact: [["delete", "Value", "guarded", {}]] })).toBe("not locked");
      await thief[Symbol.asyncDispose]();
    });
  },
);
