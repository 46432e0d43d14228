/** The commands on one bridge over each way to reach it and in each version, beside ovs-ofctl on the same bridge. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import path from "node:path";
import { promisify } from "node:util";
import {
  makeTlsIdentities,
  missingOpenVSwitch,
  type OpenVSwitch,
  startOpenVSwitch,
  type TlsIdentities,
} from "@loomstack/testkit";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { cli, startCliRun } from "../../testing/cli.ts";

const run = promisify(execFile);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

describe.skipIf(missingOpenVSwitch !== undefined)("on an ovs-vswitchd", () => {
  let ovs: OpenVSwitch;
  let identities: TlsIdentities;
  let tcp: string;
  let ssl: string;
  let tls: readonly string[];
  beforeAll(async () => {
    [ovs, identities] = await Promise.all([startOpenVSwitch(3), makeTlsIdentities()]);
    const { key, cert, ca } = identities.serverFiles;
    await ovs.vsctl("set-ssl", key, cert, ca);
    await ovs.vsctl("set", "bridge", "br0", "protocols=OpenFlow10,OpenFlow13,OpenFlow15");
    const [tcpPort, sslPort] = [await freePort(), await freePort()];
    await ovs.vsctl("set-controller", "br0", `ptcp:${tcpPort}:127.0.0.1`, `pssl:${sslPort}:127.0.0.1`);
    [tcp, ssl] = [`tcp:127.0.0.1:${tcpPort}`, `ssl:127.0.0.1:${sslPort}`];
    tls = await identityFiles(identities, identities.client.ca);
    await ovs.ofctlFile("add-flows", [
      "table=0,priority=100,in_port=1,dl_vlan=5,actions=strip_vlan,output:2",
      "table=0,priority=7,cookie=0x5,tcp,nw_src=10.0.0.0/8,tp_dst=80,idle_timeout=3000,actions=mod_nw_tos:32,output:3",
      "table=1,priority=0,actions=drop",
    ]);
    await ovs.ofctl("add-group", "group_id=1,type=select,bucket=weight=3,actions=output:1,bucket=actions=output:2");
    await ovs.ofctl("add-meter", "meter=1,pktps,burst,band=type=drop,rate=5,burst_size=6");
  }, 30_000);
  afterAll(async () => {
    await ovs[Symbol.asyncDispose]();
    await identities[Symbol.asyncDispose]();
  });

  /** The options for the client of `from`, which trusts `authority`. */
  async function identityFiles(from: TlsIdentities, authority: string): Promise<readonly string[]> {
    const folder = path.dirname(from.serverFiles.key);
    const texts = { "our.key": from.client.key, "our.pem": from.client.cert, "trusted.pem": authority };
    for (const [name, text] of Object.entries(texts)) await writeFile(path.join(folder, name), text);
    const file = (name: string): string => path.join(folder, name);
    return ["--private-key", file("our.key"), "--certificate", file("our.pem"), "--ca-cert", file("trusted.pem")];
  }

  const said = async (...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await cli(["openflow", ...args]);
    expect([status, stderr]).toEqual([0, ""]);
    return stdout;
  };

  /**
   * Lines in an order of their own, without ages, with one name for what ovs-ofctl calls otherwise in 1.0, and without
   * what is ovs-ofctl's alone: how long flows in 1.0's extended statistics were idle, and Intel's counters of ports in 1.5.
   */
  const comparable = (text: string): readonly string[] =>
    text
      .replaceAll(/duration[=:][\d.]+s/g, "duration")
      .replaceAll("strip_vlan", "pop_vlan")
      .replaceAll(/idle_age=\d+, /g, "")
      .split("\n")
      .filter((line) => line !== "" && !/^(OFPST|NXST)|CUSTOM Statistics|^ +rx_(custom|q0)/.test(line))
      .sort();

  test.each(["tcp", "ssl", "unix", "name"])("dump-flows prints the same over %s", async (way) => {
    vi.stubEnv("OVS_RUNDIR", path.dirname(ovs.management.slice("unix:".length)));
    const remote = { tcp, ssl, unix: ovs.management, name: "br0" }[way] ?? "";
    const stdout = await said("dump-flows", remote, ...(way === "ssl" ? tls : []));
    expect(comparable(stdout)).toEqual(comparable(await ovs.ofctl("dump-flows", "--no-stats")));
    expect(stdout.trimEnd().split("\n")).toHaveLength(3);
    vi.unstubAllEnvs();
  });

  describe.each(["OpenFlow10", "OpenFlow13", "OpenFlow15"])("in %s", (version) => {
    const theirs = async (command: string, ...args: readonly string[]): Promise<readonly string[]> =>
      comparable((await run("ovs-ofctl", ["-O", version, command, ovs.management, ...args])).stdout);
    const ours = async (verb: string, ...args: readonly string[]): Promise<readonly string[]> =>
      comparable(await said(verb, ovs.management, "-O", version, ...args));

    test.each([
      [["dump-flows"], ["dump-flows", "--no-stats"]],
      [
        ["dump-flows", "--stats"],
        ["dump-flows", "--no-names"],
      ],
      [
        ["dump-flows", "tcp"],
        ["dump-flows", "--no-stats", "tcp"],
      ],
      [["dump-ports-desc"], ["dump-ports-desc"]],
      [
        ["dump-ports", "--stats"],
        ["dump-ports", "--no-names"],
      ],
    ] as const)("%j prints the lines of ovs-ofctl %j", async ([verb, ...args], [command, ...theirArgs]) => {
      const lines = await ours(verb, ...args);
      expect(lines.length).toBeGreaterThan(0);
      expect(lines).toEqual(await theirs(command, ...theirArgs));
    });

    // In 1.0 ovs-ofctl adds what it takes the tables to be able to.
    test.skipIf(version === "OpenFlow10").each([
      [["dump-tables"], ["dump-tables"]],
      [["dump-groups"], ["dump-groups"]],
      [["dump-groups", "--stats"], ["dump-group-stats"]],
      [["dump-meters"], ["dump-meters"]],
      [["dump-meters", "--stats"], ["meter-stats"]],
    ] as const)("%j prints the lines of ovs-ofctl %j", async ([verb, ...args], [command]) => {
      expect(await ours(verb, ...args)).toEqual(await theirs(command));
    });

    test.runIf(version === "OpenFlow10").each(["dump-groups", "dump-meters"])("%s is refused", async (verb) => {
      const { status, stdout, stderr } = await cli(["openflow", verb, ovs.management, "-O", version]);
      expect([status, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/^loomstack: OpenFlow 1\.0 can't say .*\n$/);
    });

    test("show tells of the version that is spoken", async () => {
      const [json = ""] = (await said("show", ovs.management, "-O", version, "--json")).split("\n");
      expect(`OpenFlow${(JSON.parse(json) as { version: string }).version.replace(".", "")}`).toBe(version);
    });

    test.each(["standard", "nxt_packet_in", "nxt_packet_in2"])(
      "monitor prints packets in the form %s",
      async (form) => {
        await using monitor = startCliRun([
          "openflow",
          "monitor",
          ovs.management,
          "packets",
          "-O",
          version,
          "-P",
          form,
        ]);
        await monitor.printed(/monitoring packets/, "stderr");
        await ovs.ofctl("packet-out", `in_port=2,packet=${"00".repeat(12)}0806${"00".repeat(46)},actions=controller`);
        await monitor.printed(/^packet in_port=2 .*reason=\w+ .*length=60 0x0{24}0806/m);
        monitor.interrupt();
        expect((await monitor.ended).status).toBe(130);
      },
    );
  });

  test.each(["OpenFlow13", "OpenFlow15"])(
    "in %s monitor tells of the flows that are watched, from those there are",
    async (version) => {
      const args = ["openflow", "monitor", ovs.management, "watch:table=1", "watch:!initial,!delete,table=3,udp"];
      await using monitor = startCliRun([...args, "-O", version]);
      await monitor.printed(/monitoring watch:table=1/, "stderr");
      await ovs.ofctlFile("add-flows", [
        "table=3,tcp,actions=drop",
        "table=3,udp,actions=drop",
        "table=1,tcp,actions=drop",
      ]);
      await ovs.ofctl("del-flows", "table=3");
      await ovs.ofctl("del-flows", "table=1,tcp");
      await monitor.printed(/deleted/);
      monitor.interrupt();
      expect((await monitor.ended).stdout.trimEnd().split("\n")).toEqual([
        "flow added cookie=0x0, table=1, priority=0 actions=drop",
        "flow added cookie=0x0, table=3, udp actions=drop",
        "flow added cookie=0x0, table=1, tcp actions=drop",
        "flow deleted (delete) cookie=0x0, table=1, tcp",
      ]);
    },
  );

  describe("is told apart from", () => {
    const refused = async (...args: readonly string[]): Promise<string> => {
      const { status, stdout, stderr } = await cli(["openflow", "show", ...args]);
      expect([status, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/^loomstack: .*\n$/);
      return stderr;
    };

    test("a port on which nobody listens", async () => {
      expect(await refused(`tcp:127.0.0.1:${await freePort()}`)).toContain("ECONNREFUSED");
    });

    test("a switch whose certificate a stranger has signed, and one that takes us for a stranger", async () => {
      await using strangers = await makeTlsIdentities();
      const distrusting = await identityFiles(identities, strangers.client.ca);
      expect(await refused(ssl, ...distrusting)).toMatch(/can't connect to the switch at ssl:.*certificate/);
      const stranger = await identityFiles(strangers, identities.client.ca);
      expect(await refused(ssl, ...stranger)).toMatch(/ssl:.*(alert|closed)/);
    });

    test("a switch that speaks no TLS, and one that speaks nothing else", async () => {
      const files = await identityFiles(identities, identities.client.ca);
      expect(await refused(tcp.replace("tcp:", "ssl:"), ...files)).toContain("can't connect to the switch at ssl:");
      expect(await refused(ssl.replace("ssl:", "tcp:"))).toMatch(/tcp:/);
    });

    test("a switch of other versions", async () => {
      await ovs.vsctl("set", "bridge", "br0", "protocols=OpenFlow10,OpenFlow13");
      expect(await refused(ovs.management, "-O", "OpenFlow15")).toContain(
        "doesn't speak OpenFlow 1.5 (it offers version 1, 4)",
      );
      await ovs.vsctl("set", "bridge", "br0", "protocols=OpenFlow10,OpenFlow13,OpenFlow15");
    });
  });
});
