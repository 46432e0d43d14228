import { describe, expect, test } from "vitest";
import { insert } from "../notation/operation.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import { conformance, converted, database } from "./schema.ts";
import type { Subject } from "./subject.ts";

/** What a server says of itself and its databases, and how it converts them. */
export function databases(subject: Subject): void {
  describe("databases", () => {
    test("the server says which it has, and their schemas", async () => {
      const client = await subject.connect();
      expect(await client.listDatabases()).toContain(database);
      expect(await client.getSchema(database)).toEqual(conformance);
      await expect(client.getSchema("Ghost")).rejects.toMatchObject({ code: "OVSDB__UNKNOWN_DATABASE" });
    });

    test("all clients see the same id of the server", async () => {
      const [client, other] = [await subject.connect(), await subject.connect()];
      expect(await client.getServerId()).toMatch(/^[0-9a-f-]{36}$/);
      expect(await client.getServerId()).toBe(await other.getServerId());
    });

    test("an echo gives back what it was given, and what no server knows is refused", async () => {
      const raw = await subject.connectRaw();
      const params = ["ü€𝄞", 9007199254740993n, [null, true, { a: [1.5] }]];
      expect(await raw.request("echo", ...params)).toEqual(params);
      await expect(raw.request("explode")).rejects.toMatchObject({
        code: "OVSDB__UNKNOWN_METHOD",
      });
    });

    test("a converted database ends the monitors of those who are prepared, and the connections of others", async () => {
      const [client, other] = [await subject.connect(), await subject.connect()];
      await client.setDatabaseChangeAware(true);
      const full = { name: "a", integer_one: 7, optional_map: new Map([["k", 1]]) };
      await other.transact(database, [insert(conformance, "Value", full)]);
      const replica = await client.monitor(conformance, { Value: ["name", "optional_map"] });
      const ended = expect(replica.until(() => false)).rejects.toMatchObject({ code: "OVSDB__MONITOR_CANCELED" });
      await client.convert(database, converted);
      await ended;
      expect(await other.closed).toMatchObject({ code: "OVSDB__CONNECTION_LOST" });
      expect((await client.getSchema(database)).version).toBe("2.0.0");
      await using anew = await client.monitor(conformance, {
        Value: ["name", "integer_one", "optional_map"],
        Constrained: "all",
      });
      expect(anew.missing).toEqual(["Value.optional_map", "Constrained"]);
      const row = { name: "a", integer_one: 7, optional_map: new Map() };
      expect([...anew.table("Value").values()]).toEqual([row]);
      await client.convert(database, conformance);
    });

    test("a database isn't converted to a schema that its rows don't fit", async () => {
      const client = await subject.connect();
      await client.setDatabaseChangeAware(true);
      await client.transact(database, [insert(conformance, "Value", { name: "a" })]);
      const { Value } = conformance.tables;
      const name = { key: { type: "integer" }, min: 1, max: 1 } as const;
      const unfit = { ...Value, columns: { ...Value.columns, name } };
      const schema: DatabaseSchema = { ...converted, tables: { ...conformance.tables, Value: unfit } };
      await expect(client.convert(database, schema)).rejects.toMatchObject({ code: "OVSDB__REQUEST_REFUSED" });
      expect((await client.getSchema(database)).version).toBe(conformance.version);
    });
  });
}
