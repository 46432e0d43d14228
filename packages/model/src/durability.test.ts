import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { listPorts } from "./port.ts";
import { openSqliteStore } from "./sqlite-store.ts";
import { temporaryStore } from "./store-under-test.ts";

/** Processes have to start, and hundreds of transactions to reach the disk. */
const slow = { timeout: 60_000 };

function startWriter(file: string): ChildProcessByStdio<null, Readable, null> {
  return spawn(process.execPath, [join(import.meta.dirname, "writer-under-test.ts"), file], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

test(
  "whatever a process that is killed with -9 had acknowledged is in the store, and the store is whole",
  slow,
  async () => {
    await using store = await temporaryStore();
    const file = `${store.file}.written`;
    const writer = startWriter(file);
    const acknowledged: string[] = [];
    for await (const line of createInterface(writer.stdout)) {
      acknowledged.push(line);
      if (acknowledged.length === 200) writer.kill("SIGKILL");
    }
    if (writer.exitCode === null && writer.signalCode === null) await once(writer, "exit");
    expect(writer.signalCode).toBe("SIGKILL");

    await using reopened = await openSqliteStore(file);
    const ids = (await listPorts(reopened.db)).map(({ id }) => id as string);
    expect(ids.slice(0, acknowledged.length)).toEqual(acknowledged);
    // The last one may have been committed without the time to say so.
    expect(ids.length - acknowledged.length).toBeLessThanOrEqual(1);
    expect(reopened.revision()).toBe(ids.length + 1);
    expect((await sql`PRAGMA integrity_check`.execute(reopened.db)).rows).toEqual([{ integrity_check: "ok" }]);
  },
);

test("a second process is refused while the store is open, and changes nothing", slow, async () => {
  await using store = await temporaryStore();
  const lines: string[] = [];
  for await (const line of createInterface(startWriter(store.file).stdout)) lines.push(line);
  expect(lines).toEqual([expect.stringContaining(`the store ${store.file} is in use by another process`)]);
  expect(await listPorts(store.db)).toEqual([]);
});
