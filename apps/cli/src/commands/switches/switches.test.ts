/** What the command line does with a real server, to which a real ovs-vswitchd connects as a plain switch. */
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import path from "node:path";
import type { FlowAnswer } from "@loomstack/api";
import { missingOpenVSwitch, type OpenVSwitch, startOpenVSwitch } from "@loomstack/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { cli } from "../../testing/cli.ts";
import type { CliResult } from "../../testing/cli-process.ts";
import { type ServerProcess, startServer } from "../../testing/server-process.ts";

// Processes take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const dpid = "00000000000000a1";
const unknown = "00000000000000ff";

// Without what the person who runs the tests has in the environment.
beforeEach(() => {
  for (const name of ["LOOMSTACK_URL", "LOOMSTACK_USER", "LOOMSTACK_PASSWORD"]) vi.stubEnv(name, undefined);
});
afterEach(() => void vi.unstubAllEnvs());

describe("with a server", () => {
  let server: ServerProcess;
  beforeAll(async () => void (server = await startServer()));
  afterAll(() => server[Symbol.asyncDispose]());

  const call = (noun: string, verb: string, ...args: readonly string[]): Promise<CliResult> =>
    cli([noun, verb, ...args, "--url", server.url, "--credentials", server.credentialsFile]);

  async function done(noun: string, verb: string, ...args: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await call(noun, verb, ...args);
    expect([status, stderr]).toEqual([0, ""]);
    return stdout;
  }

  const json = async (noun: string, verb: string, ...args: readonly string[]): Promise<unknown> =>
    JSON.parse(await done(noun, verb, ...args, "--json")) as unknown;

  test("a switch that isn't connected is added, listed, given a flow and forgotten", async () => {
    expect(await json("switches", "list")).toEqual({ switches: [] });
    expect(await done("switches", "add", "00:00:00:00:00:00:00:b2", "--name", "rack 2")).toMatch(
      /^Switch .*\n-+ .*\n00000000000000b2 rack 2 not-connected .* 0\/0 /,
    );
    expect(await json("switches", "list")).toMatchObject({ switches: [{ dpid: "00000000000000b2", name: "rack 2" }] });
    await done("switches", "add", "00000000000000b2", "--certificate", "CN=rack 2");
    expect(await done("switches", "show", "00000000000000b2")).toMatch(/^certificate +CN=rack 2$/m);
    await done("switches", "add", "00000000000000b2", "--forget-certificate");
    expect(await json("switches", "show", "00000000000000b2")).toMatchObject({ name: "rack 2", certificate: null });
    const added = await json("flows", "add", "00000000000000b2", "in_port=1 actions=output:2");
    expect(added).toMatchObject({ state: "not-connected", match: "in_port=1" });
    const inUse = await call("switches", "forget", "00000000000000b2");
    expect(inUse).toMatchObject({ status: 1, stdout: "" });
    expect(inUse.stderr).toMatch(/^loomstack: .*\(MODEL__IN_USE, HTTP status 409\)\n$/);
    expect(await done("flows", "delete", "00000000000000b2", (added as { readonly id: string }).id)).toBe("");
    expect(await done("switches", "forget", "00000000000000b2")).toBe("");
    expect(await json("switches", "list")).toEqual({ switches: [] });
  });

  test.each([
    [["switches", "show", unknown], "MODEL__NOT_FOUND, HTTP status 404"],
    [["switches", "show", "../hypervisors"], "NORTHBOUND__MALFORMED, HTTP status 400"],
    [["flows", "list", unknown], "MODEL__NOT_FOUND, HTTP status 404"],
    [["flows", "add", unknown, "nix=1 actions=drop"], "OPENFLOW__INVALID_TEXT, HTTP status 400"],
    [["flows", "delete", unknown, "7"], "NORTHBOUND__MALFORMED, HTTP status 400"],
  ] as const)("%j fails with the controller's error in one line", async ([noun, verb, ...args], words) => {
    const { status, stdout, stderr } = await call(noun, verb, ...args);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^loomstack: .*\n$/);
    expect(stderr).toContain(`(${words})`);
  });

  test("name and password come from the environment, or the password from a file; a wrong one is refused", async () => {
    const { name, password } = JSON.parse(await readFile(server.credentialsFile, "utf8")) as Record<string, string>;
    vi.stubEnv("LOOMSTACK_URL", server.url);
    vi.stubEnv("LOOMSTACK_USER", name);
    vi.stubEnv("LOOMSTACK_PASSWORD", password);
    expect((await cli(["switches", "list"])).status).toBe(0);
    const file = path.join(path.dirname(server.credentialsFile), "password");
    await writeFile(file, `${password}\n`);
    vi.stubEnv("LOOMSTACK_PASSWORD", undefined);
    expect((await cli(["switches", "list", "--password-file", file])).status).toBe(0);
    vi.stubEnv("LOOMSTACK_PASSWORD", "guessed");
    const wrong = await cli(["switches", "list"]);
    expect(wrong).toMatchObject({ status: 1, stdout: "" });
    expect(wrong.stderr).toMatch(/^loomstack: .*\(NORTHBOUND__UNAUTHORIZED, HTTP status 401\)\n$/);
    expect(wrong.stderr).not.toContain("guessed");
  });

  describe.skipIf(missingOpenVSwitch !== undefined)("and an ovs-vswitchd", () => {
    let ovs: OpenVSwitch;
    beforeAll(async () => {
      ovs = await startOpenVSwitch(2);
      await ovs.vsctl("set", "bridge", "br0", `other_config:datapath-id=${dpid}`);
      await ovs.vsctl("set-controller", "br0", `tcp:127.0.0.1:${server.openflowPort}`);
      await vi.waitUntil(async () => (await call("switches", "show", dpid)).status === 0, { timeout: 30_000 });
    });
    afterAll(() => ovs[Symbol.asyncDispose]());

    test("its ports and statistics are shown", async () => {
      const shown = await done("switches", "show", dpid);
      expect(shown).toContain(`Switch ${dpid}\n`);
      expect(shown).toMatch(/^OpenFlow +1\.3$/m);
      expect(shown).toMatch(/^1 +p1 /m);
      expect(await json("switches", "statistics", dpid)).toMatchObject({ tableCount: 254 });
      expect(await done("switches", "statistics", dpid)).toMatch(/^Tables in use, of 254$/m);
    });

    test("a flow is installed, listed and deleted; one that the switch refuses is told with the reason", async () => {
      const flow = "priority=100,in_port=1 actions=mod_vlan_vid:100,output:2";
      expect(await done("flows", "add", dpid, flow)).toMatch(/ 100 +in_port=1 .* installed +the switch holds it$/m);
      expect(await ovs.ofctl("dump-flows", "--no-stats")).toContain("in_port=1");
      const { flows: added } = (await json("flows", "list", dpid)) as { readonly flows: readonly FlowAnswer[] };
      const changed = "priority=100,in_port=1 actions=output:3";
      expect(await done("flows", "replace", dpid, added[0]?.id ?? "", changed)).toMatch(/ output:3 +installed /m);
      expect(await ovs.ofctl("dump-flows", "--no-stats")).toMatch(/in_port=1 actions=output:3$/m);
      const refused = await call("flows", "add", dpid, "in_port=2 actions=group:9");
      expect(refused.status).toBe(1);
      expect(refused.stdout).toMatch(/ in_port=2 +group:9 +refused /);
      expect(refused.stderr).toMatch(/^loomstack: switch 00000000000000a1 doesn't hold .*OFPBAC_BAD_OUT_GROUP.*\n$/);
      const { flows } = (await json("flows", "list", dpid)) as { readonly flows: readonly FlowAnswer[] };
      expect(flows.map(({ state }) => state).sort()).toEqual(["installed", "refused"]);
      await done("flows", "delete", dpid, ...flows.map(({ id }) => id));
      expect(await json("flows", "list", dpid)).toEqual({ flows: [], next: null });
      expect(await ovs.ofctl("dump-flows", "--no-stats")).not.toContain("in_port");
    });

    test("a packet that a flow sends to the controller is shown", async () => {
      await done("flows", "add", dpid, "in_port=1 actions=CONTROLLER:64");
      expect(await done("switches", "show", dpid)).toMatch(/^punts metered +yes$/m);
      await ovs.ofctl(
        "packet-out",
        `in_port=1,packet=${"52540000000152540000000288b5".padEnd(120, "0")},actions=TABLE`,
      );
      await vi.waitUntil(
        async () => ((await json("switches", "packets", dpid)) as { readonly count: number }).count > 0,
        { timeout: 10_000 },
      );
      expect(await done("switches", "packets", dpid)).toMatch(/^Packets: 1; .*\n(.*\n)+.*525400000001525400000002/);
    });
  });
});

test.each([
  [["switches", "list"], "who calls?"],
  [["switches", "list", "--user", "admin"], "who calls?"],
  [["switches", "list", "--user", "admin", "--credentials", "/x"], "cannot be used with"],
  [["switches", "show"], "missing required argument"],
  [["flows", "add", dpid], "missing required argument"],
  [["switches", "list", "--user", "a:b", "--password-file", "/dev/null"], "has no colon"],
  [["switches", "list", "--user", "a", "--password-file", "/dev/null", "--url", "nowhere"], "http://HOST:PORT"],
  [["switches", "list", "--user", "a", "--password-file", "/dev/null", "--url", "http://a:b@c"], "doesn't belong"],
])("%j is wrong usage: status 2 and one line", async (args, words) => {
  const { status, stdout, stderr } = await cli(args);
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(/^loomstack: .*\n$/);
  expect(stderr).toContain(words);
});

describe("with a server that isn't ours", () => {
  let other: Server;
  const answer = { status: 200, body: "" };
  beforeAll(async () => {
    other = createServer((_, response) => void response.writeHead(answer.status).end(answer.body));
    await once(other.listen(0, "127.0.0.1"), "listening");
  });
  afterAll(() => void other.close());

  test.each([
    [200, "<html>", "its answer is no JSON"],
    [200, "null", "its answer lacks switches"],
    [302, "", "HTTP status 302"],
    [502, "<html>", "HTTP status 502"],
    [500, '{"error":"x"}', "HTTP status 500"],
  ])("its answer %i %s is told in one line", async (status, body, words) => {
    Object.assign(answer, { status, body });
    const { port } = other.address() as { readonly port: number };
    const args = ["switches", "list", "--url", `http://127.0.0.1:${port}`, "--user", "admin"];
    vi.stubEnv("LOOMSTACK_PASSWORD", "x");
    const result = await cli(args);
    expect(result).toMatchObject({ status: 1, stdout: "" });
    expect(result.stderr).toMatch(/^loomstack: .* doesn't answer as the controller does: .*\n$/);
    expect(result.stderr).toContain(words);
  });
});

test("a controller that can't be reached is named", async () => {
  const args = ["switches", "list", "--url", "http://127.0.0.1:1", "--user", "admin"];
  vi.stubEnv("LOOMSTACK_PASSWORD", "x");
  const { status, stderr } = await cli(args);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^loomstack: the controller at http:\/\/127.0.0.1:1 can't be reached: .+\n$/);
});
