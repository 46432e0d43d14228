import { LoomstackError } from "@loomstack/core";
import { expect, test } from "vitest";
import { Waiters } from "./waiters.ts";

test("those under other keys aren't asked, and those whose wait is over aren't kept", async () => {
  const waiters = new Waiters<string>();
  const asked: string[] = [];
  const wait = (key: string, answers: number): Promise<number> => {
    let times = 0;
    return waiters.wait(key, () => (asked.push(key), (times += 1) < answers ? undefined : times));
  };
  expect(await wait("a", 1)).toBe(1);
  expect(waiters.isEmpty).toBe(true);
  const [one, other] = [wait("a", 3), wait("b", 2)];
  waiters.changed("a");
  waiters.changed("c");
  waiters.changed("a");
  expect(await one).toBe(3);
  expect(asked).toEqual(["a", "a", "b", "a", "a"]);
  expect(waiters.isEmpty).toBe(false);
  waiters.changed("b");
  expect(await other).toBe(2);
  expect(waiters.isEmpty).toBe(true);
});

test("an answer that is there already counts, even when nothing more will come or the wait is given up", async () => {
  const waiters = new Waiters<string>();
  const giveUp = AbortSignal.abort();
  await expect(waiters.wait("a", () => undefined, giveUp)).rejects.toMatchObject({ code: "CORE__ABORTED" });
  expect(await waiters.wait("a", () => "there", giveUp)).toBe("there");
  const waiting = expect(waiters.wait("a", () => undefined)).rejects.toMatchObject({ code: "OVSDB__CLOSED" });
  waiters.end(new LoomstackError("OVSDB__CLOSED", { remote: "unix:db.sock", what: "a replica" }));
  await waiting;
  await expect(waiters.wait("a", () => undefined)).rejects.toMatchObject({ code: "OVSDB__CLOSED" });
  expect(await waiters.wait("a", () => "there")).toBe("there");
  expect(waiters.isEmpty).toBe(true);
});
