import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { missingOpenVSwitch } from "../fake-switch/open-vswitch.ts";
import { startOvsdbCluster } from "./cluster.ts";

const run = promisify(execFile);

describe.skipIf(missingOpenVSwitch !== undefined)("a cluster of ovsdb-servers", { timeout: 30_000 }, () => {
  test("goes on without one server, takes it back, and leaves nothing behind in whatever state", async () => {
    const cluster = await startOvsdbCluster();
    const [file = ""] = cluster.databaseFiles;
    const first = await cluster.leader();
    await cluster.kill(first);
    const second = await cluster.leader();
    expect(second).not.toBe(first);
    await cluster.start(first);
    await cluster.until(first, { connected: true });

    cluster.freeze(second);
    const third = await cluster.leader();
    expect(third).not.toBe(second);
    await cluster.kill(third);
    await cluster[Symbol.asyncDispose]();
    await expect(access(file)).rejects.toThrow("ENOENT");
    // pgrep fails when it finds none.
    await expect(run("pgrep", ["-f", `^ovsdb-server .*${file}`])).rejects.toMatchObject({ code: 1 });
  });

  test("knows which server has lost the others", async () => {
    await using cluster = await startOvsdbCluster();
    const server = await cluster.leader();
    await cluster.appctl(server, "cluster/failure-test", "stop-raft-rpc");
    await cluster.until(server, { leader: false, connected: false });
  });
});
