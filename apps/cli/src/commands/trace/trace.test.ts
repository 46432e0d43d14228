/** What the command line makes of what a controller explains and traces; the controller's answers are made up. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { ExplainAnswer, TraceAnswer } from "@loomstack/api";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { cli } from "../../testing/cli.ts";
import type { CliResult } from "../../testing/cli-process.ts";

const trace: TraceAnswer = {
  packet: "icmp,in_port=2",
  bytes: 84,
  remark: null,
  steps: [
    {
      ...{
        depth: 0,
        hypervisor: "OVS/a",
        bridge: "br-int",
        table: "forward",
        packet: "icmp",
        flow: "actions=output:1",
      },
      ...{ feature: "forwarding", owner: "port 12", why: "the port is on another hypervisor" },
      remarks: ["output to patch-tun"],
    },
    {
      ...{ depth: 1, hypervisor: "OVS/a", bridge: "br-tun", table: "encapsulate", packet: "icmp", flow: null },
      ...{ feature: null, owner: null, why: null, remarks: ["no flow takes it"] },
    },
  ],
  ends: [],
  reached: false,
  verdict: "dropped on OVS/a, br-tun table encapsulate: \u001b[31mso",
  live: null,
};
const explanation: ExplainAnswer = {
  summary: "port 11 of network 1, on OVS/a: 1 flow on 1 hypervisor",
  flows: [
    {
      ...{ hypervisor: "OVS/a", bridge: "br-int", table: "classify", flow: "priority=100 actions=drop" },
      ...{
        feature: "classify",
        owner: "port 11",
        alsoFor: ["port 12"],
        why: "packets from this port belong to its network",
      },
    },
  ],
};

let server: Server;
const asked: { path: string | undefined; body: unknown }[] = [];
const answers = { "/api/v1/trace": trace as object, "/api/v1/explain": explanation as object };

beforeAll(async () => {
  server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      asked.push({ path: request.url, body });
      response.end(JSON.stringify(answers[request.url as keyof typeof answers]));
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterAll(() => void server.close());
beforeEach(() => {
  vi.stubEnv("LOOMSTACK_USER", "admin");
  vi.stubEnv("LOOMSTACK_PASSWORD", "secret");
  asked.length = 0;
});
afterEach(() => void vi.unstubAllEnvs());

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text);
}

function call(...args: readonly string[]): Promise<CliResult> {
  const { port } = server.address() as { readonly port: number };
  return cli([...args, "--url", `http://127.0.0.1:${port}`]);
}

test("a trace is a verdict and the packet's way; a packet that doesn't get there is status 3", async () => {
  const options = ["--source-ip", "10.0.0.9", "--size", "1450"];
  const { status, stdout, stderr } = await call("trace", "11", "10.0.0.12", "tcp/80", ...options);
  expect([status, stderr]).toEqual([3, ""]);
  expect(asked).toEqual([
    {
      path: "/api/v1/trace",
      body: { from: "11", to: "10.0.0.12", protocol: "tcp/80", sourceIp: "10.0.0.9", size: 1450 },
    },
  ]);
  expect(stdout).toContain("verdict  dropped on OVS/a, br-tun table encapsulate: \\u001b[31mso\n");
  expect(stdout).toMatch(
    /^OVS\/a +br-int forward +output to patch-tun +port 12 +the port is on another hypervisor +actions=output:1$/m,
  );
  expect(stdout).toMatch(/^ {2}OVS\/a +br-tun encapsulate +no flow takes it$/m);
});

test("a packet that gets there is status 0, and a trace is JSON as it was answered", async () => {
  answers["/api/v1/trace"] = { ...trace, reached: true };
  const { status, stdout } = await call("trace", "11", "10.0.0.12", "--json");
  expect(asked[0]?.body).toEqual({ from: "11", to: "10.0.0.12", protocol: "icmp" });
  expect([status, JSON.parse(stdout)]).toEqual([0, { ...trace, reached: true }]);
});

test("a live trace says what was seen, and when; what only it takes is refused without it", async () => {
  const seen = { what: "answer" as const, hypervisor: "OVS/a", bridge: "br-int", table: "forward", afterMs: 2.4 };
  answers["/api/v1/trace"] = { ...trace, live: { packetsSent: 1, unwatched: [], seen: [seen], answered: true } };
  const { stdout } = await call("trace", "11", "10.0.0.12", "--live", "--no-delivery");
  expect(asked[0]?.body).toEqual({ from: "11", to: "10.0.0.12", protocol: "icmp", mode: "live", deliver: false });
  expect(stdout).toMatch(/^answered +yes$/m);
  expect(stdout).toMatch(/^answer +OVS\/a +br-int forward +2.4$/m);
  expect((await call("trace", "11", "10.0.0.12", "--no-delivery")).status).toBe(2);
});

test.each([
  ["port", "11"],
  ["network", "1"],
  ["hypervisor", "OVS/a"],
  ["flow", "0x4c53000000000001"],
])("a %s is explained by a summary and its flows", async (kind, id) => {
  const { status, stdout, stderr } = await call("explain", kind, id);
  expect([status, stderr]).toEqual([0, ""]);
  expect(asked).toEqual([{ path: "/api/v1/explain", body: { kind, id } }]);
  expect(stdout).toMatch(/^port 11 of network 1, on OVS\/a: 1 flow on 1 hypervisor\n/);
  expect(stdout).toMatch(
    /^OVS\/a +br-int classify port 11, port 12 classify packets from this port .* priority=100 actions=drop$/m,
  );
});
