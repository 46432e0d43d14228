/** What the command line prints of a real ovs-vswitchd, beside what ovs-ofctl(8) prints of it. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { missingOpenVSwitch, type OpenVSwitch, startOpenVSwitch } from "@loomstack/testkit";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { cli, type CliRun, startCliRun } from "../../testing/cli.ts";
import { startCli } from "../../testing/cli-process.ts";

// Processes take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const run = promisify(execFile);

const flows = [
  "table=0,actions=drop",
  "table=0,cookie=0xffffffffffffffff,priority=65535,in_port=1,actions=IN_PORT,LOCAL,NORMAL",
  "table=1,cookie=5,priority=7,idle_timeout=3000,hard_timeout=4000,send_flow_rem,tcp,in_port=1,tp_dst=80,actions=output:2",
  "table=2,cookie=6,priority=100,dl_vlan=5,dl_vlan_pcp=3,actions=strip_vlan,output:3,resubmit(,1)",
  "table=3,ipv6,ipv6_dst=2001:db8::/32,ct_state=+trk+est,actions=ct(commit,zone=5,nat(src=2001:db8::1)),goto_table:4",
  "table=4,check_overlap,reset_counts,arp,reg0=0x7/0xff,actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],group:1",
];

test.each([
  [["dump-flows", "nowhere"], "nowhere is no address of a switch"],
  [["dump-flows", "ssl:127.0.0.1"], "needs a key, a certificate and a CA certificate"],
  [["dump-flows", "unix:/x", "-O", "1.4"], "Versions are 1.0, 1.3, 1.5."],
  [["dump-flows", "unix:/x", "--table", "255"], "A number from 0 to 254 is expected."],
  [["dump-flows", "unix:/x", "--cookie", "0x1/x"], "0x1/x is no cookie"],
  [["monitor", "unix:/x", "flow"], "What is monitored is flows, packets, ports, watch:<flow>."],
  [["parse-flow", "tcp,nix=3,actions=drop"], "'nix' (at character 4) is no field or key of a flow"],
])("%j is wrong usage: status 2 and one line", async (args, message) => {
  const { status, stdout, stderr } = await cli(["openflow", ...args]);
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(message);
  expect(stderr).toMatch(/^loomstack: .*\n$/);
});

test("a switch that can't be reached is a failure: status 1 and one line", async () => {
  const { status, stderr } = await cli(["openflow", "show", "unix:/nowhere/br0.mgmt"]);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^loomstack: can't connect to the switch at unix:\/nowhere\/br0.mgmt: .*\n$/);
});

describe.skipIf(missingOpenVSwitch !== undefined)("on an ovs-vswitchd", () => {
  let ovs: OpenVSwitch;
  beforeAll(async () => {
    ovs = await startOpenVSwitch(3);
    await ovs.ofctl("add-group", "group_id=1,type=select,bucket=weight=3,actions=output:1,bucket=actions=output:2");
    await ovs.ofctl("add-group", "group_id=2,type=ff,bucket=watch_port=1,actions=1,bucket=watch_group=1,actions=2");
    await ovs.ofctl("add-meter", "meter=1,kbps,stats,band=type=drop,rate=1000");
    await ovs.ofctl("add-meter", "meter=2,pktps,burst,band=type=drop,rate=5,burst_size=6");
    await ovs.ofctlFile("add-flows", flows);
  });
  afterAll(() => ovs[Symbol.asyncDispose]());

  async function ours(verb: string, ...args: readonly string[]): Promise<readonly string[]> {
    const { status, stdout, stderr } = await cli(["openflow", verb, ovs.management, ...args]);
    expect([status, stderr]).toEqual([0, ""]);
    return stdout.trimEnd().split("\n");
  }

  async function theirs(command: string, ...args: readonly string[]): Promise<readonly string[]> {
    const lines = (await ovs.ofctl(command, ...args)).trimEnd().split("\n");
    return lines.filter((line) => !line.startsWith("OFPST"));
  }

  const ageless = (lines: readonly string[]): readonly string[] =>
    lines.map((line) => line.replace(/duration=[\d.]+s/, "duration=")).sort();

  test("dump-flows prints the lines of ovs-ofctl", async () => {
    const lines = await ours("dump-flows");
    expect(lines).toHaveLength(flows.length);
    expect([...lines].sort()).toEqual([...(await theirs("dump-flows", "--no-stats"))].sort());
    expect(ageless(await ours("dump-flows", "--stats"))).toEqual(ageless(await theirs("dump-flows", "--no-names")));
    expect(ageless(await ours("dump-flows", "--stats", "--names"))).toEqual(
      ageless(await theirs("dump-flows", "--names")),
    );
  });

  test.each([
    "table=1",
    "cookie=4/4",
    "tcp",
    "in_port=p1",
    "out_port=3",
    "table=2,out_port=3,dl_vlan=5",
    "out_group=1",
  ])("dump-flows %s prints the flows that ovs-ofctl chooses", async (filter) => {
    const chosen = await theirs("dump-flows", "--no-stats", filter);
    expect(chosen.length).toBeGreaterThan(0);
    expect([...(await ours("dump-flows", filter))].sort()).toEqual([...chosen].sort());
  });

  test("dump-flows chooses by its options, too, and prints JSON", async () => {
    expect(await ours("dump-flows", "--table", "1")).toEqual(await theirs("dump-flows", "--no-stats", "table=1"));
    expect(await ours("dump-flows", "--cookie", "5")).toEqual(await theirs("dump-flows", "--no-stats", "cookie=5/-1"));
    const lines = await ours("dump-flows", "--json", "--cookie", "0xffffffffffffffff/-1");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ cookie: "18446744073709551615", priority: 65_535, match: { inPort: 1 } }),
    ]);
    expect(await ours("dump-flows", "table=9")).toEqual([""]);
  });

  test("dump-groups and dump-meters print what ovs-ofctl prints", async () => {
    expect([...(await ours("dump-groups"))].sort()).toEqual([...(await theirs("dump-groups"))].sort());
    expect(ageless(await ours("dump-groups", "--stats"))).toEqual(ageless(await theirs("dump-group-stats")));
    const filled = (lines: readonly string[]): readonly string[] => lines.filter((line) => line !== "");
    expect(filled(await ours("dump-meters"))).toEqual(filled(await theirs("dump-meters")));
    const counted = filled(await theirs("meter-stats")).map((line) => line.replace(/duration:[\d.]+s/, ""));
    const ourCounters = filled(await ours("dump-meters", "--stats"));
    expect(ourCounters.map((line) => line.replace(/duration:[\d.]+s/, ""))).toEqual(counted);
  });

  const ageOfPorts = /duration=[\d.]+s/g;

  test("dump-ports and dump-tables print what ovs-ofctl prints", async () => {
    expect(await ours("dump-ports")).toEqual(await theirs("dump-ports-desc"));
    const counters = (lines: readonly string[]): string => lines.join("\n").replace(ageOfPorts, "");
    expect(counters(await ours("dump-ports", "--stats"))).toBe(counters(await theirs("dump-ports", "--no-names")));
    const named = ["dump-ports", "--names"] as const;
    expect(counters(await ours(...named, "--stats"))).toBe(counters(await theirs(...named)));
    expect(await ours("dump-tables")).toEqual(await theirs("dump-tables"));
    expect(await ours("dump-ports", "--json")).toHaveLength(4);
  });

  test("show prints what ovs-ofctl prints, and what the switch is", async () => {
    const lines = await ours("show");
    const description = lines.indexOf("OFPST_DESC reply (OF1.3):");
    const known = (await ovs.ofctl("show")).trimEnd().replaceAll(/ \(xid=0x[\da-f]+\)/g, "");
    expect(lines.slice(0, description).join("\n")).toBe(known);
    expect(lines.slice(description + 1)).toEqual(await theirs("dump-desc"));
    const [json = ""] = await ours("show", "--json");
    expect(JSON.parse(json)).toMatchObject({ version: "1.3", tableCount: 254, config: { missSendBytes: 0 } });
  });

  test("a switch that doesn't speak the version that is asked for is a failure", async () => {
    const { status, stderr } = await cli(["openflow", "show", ovs.management, "-O", "OpenFlow10"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^loomstack: .* doesn't speak OpenFlow 1\.0 .*\n$/);
  });

  test("what parse-flow prints is read by ovs-ofctl as the same flow", async () => {
    const { stdout } = await cli(["openflow", "parse-flow", ...flows]);
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(flows.length);
    const before = await theirs("dump-flows", "--no-stats");
    await ovs.ofctl("del-flows");
    await ovs.ofctlFile("add-flows", lines);
    expect([...(await theirs("dump-flows", "--no-stats"))].sort()).toEqual([...before].sort());
  });

  async function monitoring(...args: readonly string[]): Promise<CliRun> {
    const process = startCliRun(["openflow", "monitor", ovs.management, ...args]);
    await process.printed(/monitoring/, "stderr");
    return process;
  }

  test("monitor prints what becomes of flows, packets and ports, until it is interrupted", async () => {
    await using process = await monitoring();
    await using json = await monitoring("--json", "flows");
    await ovs.ofctl("add-flow", "table=0,cookie=9,priority=40000,in_port=2,actions=controller");
    const arp = "eth_type(0x0806),arp(sip=10.0.0.1,tip=10.0.0.2,op=1,sha=52:54:00:00:00:01,tha=00:00:00:00:00:00)";
    const packet = `in_port(2),eth(src=52:54:00:00:00:01,dst=52:54:00:00:00:02),${arp}`;
    await ovs.appctl("netdev-dummy/receive", "p2", packet);
    await process.printed(/packet in_port=2 table=0 reason=action cookie=0x9 length=42 0x52540000000252540000/);
    await ovs.ofctl("mod-port", "p3", "down");
    await process.printed(/^port modify 3\(p3\) addr=[0-9a-f:]{17} portDown/m);
    await ovs.ofctl("del-flows", "cookie=9/-1");
    await process.printed(/^flow deleted \(delete\) cookie=0x9, table=0, priority=40000,in_port=2$/m);
    await json.printed(/"kind":"deleted"/);
    for (const run of [process, json]) run.interrupt();
    const { status, stdout } = await process.ended;
    expect(status).toBe(130);
    expect(stdout).toMatch(/^flow added cookie=0x9, table=0, priority=40000,in_port=2 actions=CONTROLLER:65535\n/);
    const lines = (await json.ended).stdout.trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { kind: string }).kind)).toEqual(["added", "deleted"]);
  });

  test("a reader that has gone ends monitor", async () => {
    await using gone = startCli(["openflow", "monitor", ovs.management, "flows"]);
    await gone.printed(/monitoring/, "stderr");
    gone.child.stdout.destroy();
    await ovs.ofctl("add-flow", "table=20,actions=drop");
    expect((await gone.ended).status).toBe(141);
  });
});

describe.skipIf(missingOpenVSwitch !== undefined)("print", () => {
  const folder = path.resolve(import.meta.dirname, "../../../../../packages/openflow/vectors/of13");
  const hexOf = (file: string): string =>
    (readFileSync(path.join(folder, file), "utf8").split("\n---\n")[0] ?? "").replaceAll(/#.*|\s/g, "");

  test.each([
    ...["multipart.flow-reply.vec", "multipart.group-description-reply.vec", "multipart.group-reply.vec"],
    ...["multipart.port-reply.vec", "multipart.port-description-reply.vec", "multipart.table-reply.vec"],
    ...["multipart.description-reply.vec", "features-reply.vec"],
    ...readdirSync(folder).filter((file) => file.startsWith("port-status")),
  ])("%s as ovs-ofctl does but for the first line", async (file) => {
    const theirs = (await run("ovs-ofctl", ["ofp-print", hexOf(file)])).stdout.trimEnd().split("\n");
    const { stdout } = await cli(["openflow", "print"], { input: hexOf(file) });
    expect(stdout.trimEnd().split("\n").slice(1)).toEqual(theirs.slice(1));
  });

  test("every vector", async () => {
    const files = readdirSync(folder);
    const { status, stdout } = await cli(["openflow", "print"], { input: files.map(hexOf).join("\n") });
    expect(status).toBe(0);
    expect(stdout.match(/^\S.* \(OF1\.3\) \(xid=0x[0-9a-f]+\)/gm)).toHaveLength(files.length);
  });
});
