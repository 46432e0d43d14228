/** Several remotes, on a real cluster. */
import { missingOpenVSwitch, type OvsdbCluster, startOvsdbCluster } from "@loomstack/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cli, startCliRun } from "../../testing/cli.ts";

describe.skipIf(missingOpenVSwitch !== undefined)("on a cluster of three servers", { timeout: 60_000 }, () => {
  let cluster: OvsdbCluster;
  let leader: string;
  let followers: readonly string[];
  beforeAll(async () => {
    cluster = await startOvsdbCluster();
    const leading = await cluster.leader();
    leader = cluster.remotes[leading] ?? "";
    followers = cluster.remotes.filter((_, server) => server !== leading);
  }, 60_000);
  afterAll(() => cluster[Symbol.asyncDispose]());

  const insert = JSON.stringify(["Open_vSwitch", { op: "insert", table: "Open_vSwitch", row: { ovs_version: "7" } }]);

  test("of several remotes the leader is taken, one alone as it is", async () => {
    const all = [...followers, leader].join(",");
    expect((await cli(["ovsdb", "transact", all, insert])).status).toBe(0);
    const args = ["Open_vSwitch", "ovs_version"];
    const dump = { status: 0, stdout: '{"Open_vSwitch":[{"ovs_version":"7"}]}\n', stderr: "" };
    expect(await cli(["ovsdb", "dump", "--json", all, "Open_vSwitch", ...args])).toEqual(dump);
    const follower = followers[0] ?? "";
    // A follower may be a little behind.
    expect((await cli(["ovsdb", "wait", follower, "Open_vSwitch", "Open_vSwitch", 'ovs_version="7"'])).status).toBe(0);
    expect(await cli(["ovsdb", "dump", "--json", follower, "Open_vSwitch", ...args])).toEqual(dump);
  });

  test("with --leader-only a follower isn't taken, with --no-leader-only followers are enough", async () => {
    const [one = "", other = ""] = followers;
    const alone = await cli(["ovsdb", "dump", one, "Open_vSwitch", "--leader-only"]);
    expect([alone.status, alone.stderr]).toEqual([1, expect.stringContaining("doesn't lead the clustered database")]);
    const both = await cli(["ovsdb", "dump", `${one},${other}`, "Open_vSwitch"]);
    expect([both.status, both.stderr]).toEqual([1, expect.stringMatching(/^loomstack: no server can be used: .*\n$/)]);
    const any = ["--no-leader-only", `${one},${other}`];
    expect((await cli(["ovsdb", "get-schema-version", ...any, "Open_vSwitch"])).status).toBe(0);
  });

  test("a lock is held at the leader, and lost with its lead", async () => {
    const args = ["ovsdb", "lock", [...followers, leader].join(","), "leader", "--database", "Open_vSwitch"];
    await using first = startCliRun(args);
    await first.printed(/^locked/);
    await using second = startCliRun(args);
    await second.printed(/^waiting/);
    await cluster.kill(cluster.remotes.indexOf(leader));
    const { status, stderr } = await first.ended;
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^loomstack: the connection to .* was lost: .*\n$/)]);
    expect((await second.ended).status).toBe(1);
  });
});
