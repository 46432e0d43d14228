/** The commands that stay: monitor, wait, lock and steal, on a real ovsdb-server. */
import { missingOpenVSwitch, type OvsdbDaemon, startOvsdbDaemon } from "@loomstack/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cli, type CliRun, startCliRun } from "../../testing/cli.ts";
import { type CliProcess, startCli } from "../../testing/cli-process.ts";

describe.skipIf(missingOpenVSwitch !== undefined)("on an ovsdb-server", { timeout: 30_000 }, () => {
  let daemon: OvsdbDaemon;
  let cleanup: AsyncDisposableStack;
  beforeEach(async () => {
    cleanup = new AsyncDisposableStack();
    daemon = cleanup.use(await startOvsdbDaemon());
    await daemon.vsctl("init", "--", "add-br", "br0");
  });
  afterEach(() => cleanup.disposeAsync());

  function start(verb: string, ...args: readonly string[]): CliRun {
    return cleanup.use(startCliRun(["ovsdb", verb, daemon.remote, ...args]));
  }

  /** `lock leader -- …`: a process of its own, whose standard streams are also those of the command. */
  function startLocked(...command: readonly string[]): CliProcess {
    return cleanup.use(startCli(["ovsdb", "lock", daemon.remote, "leader", "--", ...command]));
  }

  function eventsOf(stdout: string): readonly unknown[] {
    return stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
  }

  test("monitor --json prints one line for each row and each change", async () => {
    const monitor = start("monitor", "Bridge", "name,external_ids", "fail_mode", "--json");
    await monitor.printed(/"initial"/);
    await daemon.vsctl("set", "Bridge", "br0", "external_ids:a=b", "fail_mode=secure");
    await daemon.vsctl("add-br", "br1");
    await daemon.vsctl("del-br", "br1");
    await monitor.printed(/"delete"/);
    monitor.interrupt();
    const { status, stdout, stderr } = await monitor.ended;
    expect([status, stderr]).toEqual([130, ""]);
    const uuid: unknown = expect.stringMatching(/^[0-9a-f-]{36}$/);
    const place = { table: "Bridge", uuid };
    const [empty, full] = [
      { name: "br0", external_ids: {}, fail_mode: null },
      { name: "br0", external_ids: { a: "b" }, fail_mode: "secure" },
    ];
    const br1 = { name: "br1", external_ids: {}, fail_mode: null };
    expect(eventsOf(stdout)).toEqual([
      { ...place, action: "initial", new: empty },
      { ...place, action: "modify", old: { external_ids: {}, fail_mode: null }, new: full },
      { ...place, action: "insert", new: br1 },
      { ...place, action: "delete", old: br1 },
    ]);
  });

  test("monitor prints tables as ovsdb-client does, with the time if it is asked for", async () => {
    const monitor = start("monitor", "Open_vSwitch", "Bridge", "name", "external_ids", "--timestamp");
    await monitor.printed(/initial/);
    await daemon.vsctl("set", "Bridge", "br0", "external_ids:a=b");
    await monitor.printed(/new .*\n/);
    monitor.interrupt("SIGTERM");
    const { status, stdout } = await monitor.ended;
    expect(status).toBe(143);
    const uuid = await daemon.vsctl("get", "Bridge", "br0", "_uuid");
    expect(stdout.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/gm, "TIME")).toBe(
      [
        "TIME",
        "Bridge table",
        "row                                  action  name external_ids",
        "------------------------------------ ------- ---- ------------",
        `${uuid} initial br0  {}`,
        "",
        "TIME",
        "Bridge table",
        "row                                  action name external_ids",
        "------------------------------------ ------ ---- ------------",
        `${uuid} old         {}`,
        "                                     new    br0  {a=b}",
        "",
      ].join("\n"),
    );
  });

  test("monitor tells only of the rows and events that are asked for", async () => {
    const where = JSON.stringify([["name", "==", "br1"]]);
    const monitor = start("monitor", "Bridge", "name", "!initial,!delete", "--json", "--where", where);
    const all = start("monitor", "ALL", "--json");
    await all.printed(/"table":"Bridge".*"initial"/);
    await daemon.vsctl("add-br", "br2");
    await all.printed(/"insert".*"name":"br2"/);
    // Whether the first monitor has begun isn't seen from outside: a bridge made again and again will be seen.
    for (;;) {
      const seen = monitor.printed(/"br1"/).then(() => true);
      await daemon.vsctl("add-br", "br1", "--", "del-br", "br2", "--", "add-br", "br2");
      await daemon.vsctl("del-br", "br1");
      if (await Promise.race([seen, daemon.vsctl("show").then(() => false)])) break;
    }
    monitor.interrupt();
    const { stdout } = await monitor.ended;
    for (const event of eventsOf(stdout)) expect(event).toMatchObject({ action: "insert", new: { name: "br1" } });
  });

  test("monitor goes on over a lost connection, tells so, and prints what has changed meanwhile", async () => {
    const { relay } = daemon;
    const monitor = cleanup.use(startCliRun(["ovsdb", "monitor", relay.remote, "Bridge", "name", "--json"]));
    await monitor.printed(/"initial"/);
    await relay.whileCut(async () => {
      await monitor.printed(/trying again\n/, "stderr");
      await daemon.vsctl("add-br", "br1");
    });
    await monitor.printed(/"insert"/);
    await monitor.printed(/connected to tcp:/, "stderr");
    monitor.interrupt();
    const { stdout, stderr } = await monitor.ended;
    expect(eventsOf(stdout)).toHaveLength(2);
    expect(stderr.trimEnd().split("\n")).toEqual([
      expect.stringMatching(/^loomstack: the connection to .* was lost: .*; trying again$/),
      expect.stringMatching(/^loomstack: connected to tcp:/),
    ]);
  });

  test("wait ends when a row satisfies the conditions", async () => {
    expect(await cli(["ovsdb", "wait", daemon.remote, "Open_vSwitch", "Bridge", "name==br0"])).toEqual({
      status: 0,
      stdout: "",
      stderr: "",
    });
    const waiting = start("wait", "Open_vSwitch", "Bridge", "name=br1", "external_ids:a=b");
    await daemon.vsctl("add-br", "br1");
    await daemon.vsctl("set", "Bridge", "br0", "external_ids:a=b");
    const isOver = await Promise.race([waiting.ended.then(() => true), daemon.vsctl("show").then(() => false)]);
    expect(isOver).toBe(false);
    await daemon.vsctl("set", "Bridge", "br1", "external_ids:a=b");
    expect(await waiting.ended).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("wait knows the states of ovsdb-client's", async () => {
    const statusOf = async (...args: readonly string[]): Promise<number | null> =>
      (await cli(["ovsdb", "wait", daemon.remote, ...args])).status;
    expect(await statusOf("Open_vSwitch", "connected")).toBe(0);
    expect(await statusOf("Open_vSwitch", "added")).toBe(0);
    expect(await statusOf("Nix", "removed")).toBe(0);
    const removed = start("wait", "Open_vSwitch", "removed");
    await daemon.appctl("ovsdb-server/remove-db", "Open_vSwitch");
    expect((await removed.ended).status).toBe(0);
    expect(await cli(["ovsdb", "wait", daemon.remote, "Nix", "added", "--timeout", "0.2"])).toEqual({
      status: 1,
      stdout: "",
      stderr: "loomstack: it wasn't done within 0.2 s (--timeout)\n",
    });
  });

  test("a lock goes from one to the next, and can be stolen", async () => {
    const first = start("lock", "leader");
    await first.printed(/^locked leader\n/);
    const second = start("lock", "leader", "--json");
    await second.printed(/waiting/);
    first.interrupt();
    expect(await first.ended).toEqual({ status: 130, stdout: "locked leader\n", stderr: "" });
    await second.printed(/"locked"/);
    const thief = start("steal", "leader");
    await thief.printed(/^locked leader\n/);
    await second.printed(/"stolen"/);
    thief.interrupt("SIGTERM");
    expect((await thief.ended).status).toBe(143);
    await second.printed(/"stolen".*\n.*"locked"/);
    second.interrupt();
    expect(eventsOf((await second.ended).stdout)).toEqual(
      ["waiting", "locked", "stolen", "locked"].map((event) => ({ event, lock: "leader" })),
    );
  });

  test("lock ends with a reason when its connection does", async () => {
    const locked = cleanup.use(startCliRun(["ovsdb", "lock", daemon.relay.remote, "leader"]));
    await locked.printed(/^locked leader\n/);
    daemon.relay.cut();
    const { status, stdout, stderr } = await locked.ended;
    expect([status, stdout]).toEqual([1, "locked leader\n"]);
    expect(stderr).toMatch(/^loomstack: the connection to the OVSDB server at .* was lost: .*\n$/);
  });

  test("a command runs while its lock is held, and its exit status is ours", async () => {
    const first = startLocked(process.execPath, "-e", "process.stdin.resume(); console.log('runs')");
    await first.printed(/^runs\n/);
    const second = start("lock", "leader", "--", "sh", "-c", "exit 7");
    await second.printed(/waiting for lock leader\n/, "stderr");
    first.child.stdin.end();
    expect(await first.ended).toEqual({ status: 0, stdout: "runs\n", stderr: "" });
    expect((await second.ended).status).toBe(7);
  });

  const cleansUp = `
    const stop = (signal) => { console.log("got", signal); process.stdin.resume().on("end", () => process.exit(0)); };
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => stop(signal));
    setInterval(() => undefined, 1000);
    console.log("runs");`;

  test("a command whose lock is stolen is ended", async () => {
    const first = startLocked(process.execPath, "-e", cleansUp);
    await first.printed(/^runs\n/);
    first.child.stdin.end();
    start("steal", "leader");
    const { status, stdout, stderr } = await first.ended;
    expect([status, stdout]).toEqual([1, "runs\ngot SIGTERM\n"]);
    expect(stderr).toMatch(/^loomstack: lock leader was lost while .* ran, .*: another client has stolen it\n$/);
  });

  test.each(["SIGINT", "SIGTERM"] as const)(
    "a command gets our %s, and has the lock until it has ended",
    async (signal) => {
      const first = startLocked(process.execPath, "-e", cleansUp);
      await first.printed(/^runs\n/);
      // As with Ctrl-C under npm, which passes on what the terminal has sent already.
      for (let times = 0; times < 2; times += 1) first.child.kill(signal);
      await first.printed(/got/);
      const second = start("lock", "leader");
      await second.printed(/^waiting leader\n/);
      first.child.stdin.end();
      expect(await first.ended).toEqual({ status: 0, stdout: `runs\ngot ${signal}\n`, stderr: "" });
      await second.printed(/\nlocked leader\n/);
    },
  );

  test("a time limit ends the command too", async () => {
    const command = ["--", "sleep", "600"];
    expect(await cli(["ovsdb", "lock", daemon.remote, "leader", "--timeout", "0.3", ...command])).toEqual({
      status: 1,
      stdout: "",
      stderr: "loomstack: it wasn't done within 0.3 s (--timeout)\n",
    });
  });

  test("a command that can't be started is a failure", async () => {
    const { status, stderr } = await cli(["ovsdb", "lock", daemon.remote, "leader", "--", "/nowhere/command"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^loomstack: \/nowhere\/command can't be started: .*ENOENT\n$/);
  });
});
