import { describe, expect, test } from "vitest";
import { assert, comment } from "../notation/operation.ts";
import { database } from "./schema.ts";
import type { Subject } from "./subject.ts";

/** Who has a lock (RFC 7047, 4.1.8 to 4.1.10). */
export function locks(subject: Subject): void {
  describe("locks", () => {
    test("a lock belongs to one client, the next in line gets it when it is given back", async () => {
      const [client, other] = [await subject.connect(), await subject.connect()];
      const first = await client.lock("leader");
      const second = await other.lock("leader");
      expect([first.owned, second.owned]).toEqual([true, false]);
      await expect(other.transact(database, [assert("leader")])).rejects.toMatchObject({ code: "OVSDB__NOT_OWNER" });
      await expect(client.transact(database, [assert("leader"), comment("mine")])).resolves.toHaveLength(2);

      const told: boolean[] = [];
      using _listening = second.changes.add((owned) => told.push(owned));
      const waiting = second.acquired();
      await first[Symbol.asyncDispose]();
      await waiting;
      expect([first.owned, second.owned, told]).toEqual([false, true, [true]]);
      await other.transact(database, [assert("leader")]);
      await expect(first.acquired()).rejects.toMatchObject({ code: "OVSDB__CLOSED" });
    });

    test("a stolen lock is lost at once, and comes back when the thief gives it up", async () => {
      const [client, other] = [await subject.connect(), await subject.connect()];
      const first = await client.lock("leader");
      const lost = Promise.withResolvers<boolean>();
      using _listening = first.changes.add(lost.resolve);
      const thief = await other.steal("leader");
      expect(thief.owned).toBe(true);
      expect(await lost.promise).toBe(false);
      expect(first.owned).toBe(false);
      await thief[Symbol.asyncDispose]();
      await first.acquired();
      await client.transact(database, [assert("leader")]);
    });

    test("a lock whose owner has gone is the next one's; waiting for it can be given up", async () => {
      const [client, other] = [await subject.connect(), await subject.connect()];
      await client.lock("leader");
      const second = await other.lock("leader");
      const giveUp = new AbortController();
      const waiting = second.acquired(giveUp.signal);
      giveUp.abort();
      await expect(waiting).rejects.toMatchObject({ code: "CORE__ABORTED" });
      await client[Symbol.asyncDispose]();
      await second.acquired();
      await other[Symbol.asyncDispose]();
      await expect(second.acquired()).rejects.toMatchObject({ code: "OVSDB__CLOSED" });
      expect(second.owned).toBe(false);
    });

    test("a lock can't be asked for twice, but again after it was given back; other locks are others'", async () => {
      const client = await subject.connect();
      const first = await client.lock("leader");
      await expect(client.lock("leader")).rejects.toMatchObject({ code: "OVSDB__LOCK_REQUESTED_TWICE" });
      expect([first.owned, (await client.lock("another")).owned]).toEqual([true, true]);
      await first[Symbol.asyncDispose]();
      await using again = await client.lock("leader");
      expect(again.owned).toBe(true);
    });

    test("what was never asked for can't be given back", async () => {
      const raw = await subject.connectRaw();
      await expect(raw.request("unlock", "leader")).rejects.toMatchObject({ code: "OVSDB__LOCK_NOT_REQUESTED" });
    });
  });
}
