/** How the process behaves: usage, exit statuses, signals, closed outputs, TLS. */
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { makeTlsIdentities, missingOpenVSwitch, startOvsdbDaemon } from "@loomstack/testkit";
import { describe, expect, test, vi } from "vitest";
import { cli, startCliRun } from "./testing/cli.ts";
import { startCli } from "./testing/cli-process.ts";

// Processes take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

test.each([
  [["ovsdb", "dump"], "missing required argument 'remote'"],
  [["ovsdb", "ump"], "unknown command 'ump' (Did you mean dump?)"],
  [["ovsdb", "dump", "nowhere"], "nowhere is not an OVSDB server's address"],
  [["ovsdb", "dump", "unix:/x", "--nix"], "unknown option '--nix'"],
  [["ovsdb", "dump", "unix:/x", "--format", "html"], "Allowed choices are table, list, csv, json."],
  [["ovsdb", "dump", "unix:/x", "--timeout", "-1"], "Seconds are expected"],
  [["ovsdb", "dump", "unix:/x,unix:/y"], "the database has to be named"],
  [["ovsdb", "dump", "ssl:127.0.0.1:1"], "ssl:127.0.0.1:1 needs a key, a certificate and a CA certificate"],
  [["ovsdb", "transact", "unix:/x", "{"], "the transaction isn't JSON"],
  [["ovsdb", "lock", "unix:/x,unix:/y", "leader"], "a lock is each server's own"],
  [["ovsdb", "wait", "unix:/x,unix:/y", "db", "added"], "added is waited for at one remote"],
] as const)("%j is wrong usage: status 2 and one line", async (args, message) => {
  const { status, stdout, stderr } = await cli(args);
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(message);
  expect(stderr).toMatch(/^loomstack: .*\n$/);
});

test("a server that can't be reached is a failure: status 1 and one line", async () => {
  const { status, stderr } = await cli(["ovsdb", "list-dbs", "unix:/nowhere/db.sock"]);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^loomstack: can't connect to the OVSDB server at unix:\/nowhere\/db.sock: .*\n$/);
  const several = await cli(["ovsdb", "dump", "unix:/nowhere/1.sock,unix:/nowhere/2.sock", "db"]);
  expect(several.stderr).toMatch(/^loomstack: no server can be used: .*\/1\.sock.*; can't connect .*\/2\.sock.*\n$/);
});

test("a certificate that can't be read is a failure", async () => {
  const files = ["-p", "/nowhere/key", "-c", "/nowhere/cert", "-C", "/nowhere/ca"];
  const { status, stderr } = await cli(["ovsdb", "list-dbs", "ssl:127.0.0.1:1", ...files]);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^loomstack: \/nowhere\/key can't be read: ENOENT.*\n$/);
});

test("help is no failure", async () => {
  const { status, stdout, stderr } = await cli(["ovsdb", "dump", "--help"]);
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("loomstack ovsdb dump [options] <remote> [database] [table [column...]]");
});

describe.each(["SIGINT", "SIGTERM"] as const)("%s ends it", (signal) => {
  const ended = { status: signal === "SIGINT" ? 130 : 143, stdout: "", stderr: "" };

  test.each([
    ["dump", "Open_vSwitch"],
    ["wait", "Open_vSwitch", "added"],
    ["wait", "Open_vSwitch", "Bridge"],
    ["monitor", "ALL"],
    ["lock", "leader"],
    ["lock", "leader", "true"],
  ])("while a server answers nothing: %s %s", async (verb, ...args) => {
    const server = createServer().listen(0, "127.0.0.1");
    const connected = once(server, "connection") as Promise<[Socket]>;
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await using run = startCliRun(["ovsdb", verb, `tcp:127.0.0.1:${port}`, ...args]);
    const [socket] = await connected;
    socket.resume();
    run.interrupt(signal);
    expect(await run.ended).toEqual(ended);
    server.close();
  });

  test("while it reads standard input", async () => {
    await using process = startCli(["ovsdb", "transact", "unix:/nowhere/db.sock", "-"]);
    const { stdin } = process.child;
    // More than a pipe holds: when it is taken, somebody reads.
    await new Promise<void>((resolve) => stdin.write(" ".repeat(1_000_000), () => resolve()));
    process.child.kill(signal);
    expect(await process.ended).toEqual(ended);
  });
});

describe.skipIf(missingOpenVSwitch !== undefined)("on an ovsdb-server", { timeout: 30_000 }, () => {
  test("a reader that has gone ends it quietly", async () => {
    await using daemon = await startOvsdbDaemon();
    await daemon.vsctl("init", "--", "add-br", "br0");
    await using monitor = startCli(["ovsdb", "monitor", daemon.remote, "Bridge", "name"]);
    await monitor.printed(/initial/);
    monitor.child.stdout.destroy();
    await daemon.vsctl("add-br", "br1");
    expect(await monitor.ended).toMatchObject({ status: 141, stderr: "" });
  });

  test("a time limit ends it while a server answers nothing", async () => {
    await using daemon = await startOvsdbDaemon({ listen: "tcp" });
    daemon.freeze();
    const { status, stderr } = await cli(["ovsdb", "dump", daemon.networkRemote ?? "", "--timeout", "0.3"]);
    expect([status, stderr]).toEqual([1, "loomstack: it wasn't done within 0.3 s (--timeout)\n"]);
  });

  test("TLS takes the three files of Open vSwitch's programs", async () => {
    await using identities = await makeTlsIdentities();
    const { serverFiles, client } = identities;
    await using daemon = await startOvsdbDaemon({ listen: "ssl", tlsFiles: serverFiles });
    const file = (name: string): string => join(daemon.folder, name);
    await Promise.all(Object.entries(client).map(([name, text]) => writeFile(file(name), text as string)));
    const files = ["-p", file("key"), "-c", file("cert"), "-C", file("ca")];
    const remote = daemon.networkRemote ?? "";
    expect(await cli(["ovsdb", "list-dbs", remote, ...files])).toEqual({
      status: 0,
      stdout: "Open_vSwitch\n_Server\n",
      stderr: "",
    });
    await using strangers = await makeTlsIdentities();
    const wrong = ["-p", file("key"), "-c", file("cert"), "-C", strangers.serverFiles.ca];
    const { status, stderr } = await cli(["ovsdb", "list-dbs", remote, ...wrong]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^loomstack: can't connect to the OVSDB server at ssl:.*certificate.*\n$/);
  });
});
