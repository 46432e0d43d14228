import { describe, expect, test } from "vitest";
import { comment, commit, remove, select, update, wait } from "../notation/operation.ts";
import { conformance, database } from "./schema.ts";
import type { Subject } from "./subject.ts";
import { named, namesWhere, refusalOf, value } from "./value-rows.ts";

/** Transactions that wait or are given up, and operations that change nothing. */
export function waits(subject: Subject): void {
  describe("waits and commits", () => {
    test("a wait that comes true goes on, and sees what made it true", async () => {
      const [client, other] = [await subject.connect(), await subject.connect()];
      const there = wait(
        conformance,
        "Value",
        named("a"),
        ["name", "integer_one"],
        "==",
        [{ name: "a", integer_one: 1 }],
        20_000,
      );
      const waiting = client.transact(database, [there, select(conformance, "Value", [], ["integer_one"])]);
      await other.transact(database, [value("a")]);
      await other.transact(database, [update(conformance, "Value", [], { integer_one: 1 })]);
      expect((await waiting)[1].rows).toEqual([{ integer_one: 1 }]);
      const gone = wait(conformance, "Value", [], ["name"], "==", [], 20_000);
      await Promise.all([
        client.transact(database, [gone]),
        other.transact(database, [remove(conformance, "Value", [])]),
      ]);
    });

    test("a wait ends at its time limit", async () => {
      const client = await subject.connect();
      const never = wait(conformance, "Value", [], ["name"], "==", [{ name: "never" }], 20);
      expect(await refusalOf(client, [never])).toEqual(["OVSDB__TIMED_OUT", 0]);
    });

    test("who waits no more tells the server to give up, and the connection goes on", async () => {
      const client = await subject.connect();
      const never = wait(conformance, "Value", [], ["name"], "==", [{ name: "never" }], 60_000);
      await expect(client.transact(database, [never], { timeLimitMs: 20 })).rejects.toMatchObject({
        code: "OVSDB__REQUEST_TIMEOUT",
      });
      const giveUp = new AbortController();
      const waiting = client.transact(database, [value("a"), never], { signal: giveUp.signal });
      giveUp.abort();
      await expect(waiting).rejects.toMatchObject({ code: "CORE__ABORTED" });
      await client.transact(database, [value("never")]);
      expect(await namesWhere(client, [])).toEqual(["never"]);
    });

    test("transactions that were given up leave room for others", async () => {
      const client = await subject.connect({ limits: { maxPendingRequests: 3 } });
      const never = wait(conformance, "Value", [], ["name"], "==", [{ name: "never" }], 60_000);
      for (let n = 0; n < 5; n++) {
        const giveUp = new AbortController();
        const waiting = client.transact(database, [never], { signal: giveUp.signal });
        giveUp.abort();
        await expect(waiting).rejects.toMatchObject({ code: "CORE__ABORTED" });
        // Answered after the server has heard that it shall give up.
        expect(await client.listDatabases()).toContain(database);
      }
    });

    test("a cancelled transaction is answered as such to a client that is aware of changing databases", async () => {
      const raw = await subject.connectRaw();
      await raw.request("set_db_change_aware", true);
      const never = wait(conformance, "Value", [], ["name"], "==", [{ name: "never" }], 60_000);
      const waiting = raw.request("transact", database, never.json);
      raw.notify("cancel", 2);
      await expect(waiting).rejects.toMatchObject({
        code: "OVSDB__CANCELED",
      });
    });

    test("comments and commits have no result but that they went well", async () => {
      const client = await subject.connect();
      expect(await client.transact(database, [comment("why"), commit(true), commit(false), value("a")])).toEqual([
        {},
        {},
        {},
        { uuid: expect.any(String) as string },
      ]);
      expect(await client.transact(database, [])).toEqual([]);
    });
  });
}
