/** What the command line makes of the hypervisors of a controller, whose answer is made up. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { cli } from "../../testing/cli.ts";
import type { CliResult } from "../../testing/cli-process.ts";

const hypervisor = {
  key: "OVS/host-1",
  node: { type: "OVS", id: "host-1", address: "10.9.0.1", port: 6640 },
  systemId: "b2a4",
  connection: "dialled tcp:10.9.0.1:6640",
  certificate: "CN=host-1",
  state: "preparing",
  reason: "Open vSwitch can't make the tunnel port loom-vxlan: \u001b[31mFile exists",
  tunnelEndpoint: "10.9.0.1",
  realised: 12,
  bridges: [
    { name: "br-int", dpid: "0000000000000052", connected: true, flows: 3, desiredFlows: 3 },
    { name: "br-tun", dpid: "0000000000000053", connected: true, flows: 4, desiredFlows: 4 },
  ],
  counters: { flowModsSent: 9, driftRepaired: 3 },
  drift: { flow: 2, bridge: 1, controller: 0, port: 0, interface: 0, "external-ids": 0, meter: 0 },
};

/** One that has never been connected by address. */
const dialsIn = {
  ...{ ...hypervisor, key: "c3b5", systemId: "c3b5", connection: "dialled in from tcp:10.9.0.2:41234" },
  node: { type: "OVS", id: "c3b5", address: null, port: null },
};

let server: Server;

beforeAll(async () => {
  server = createServer((_, response) => void response.end(JSON.stringify({ hypervisors: [hypervisor, dialsIn] })));
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterAll(() => void server.close());
beforeEach(() => {
  vi.stubEnv("LOOMSTACK_USER", "admin");
  vi.stubEnv("LOOMSTACK_PASSWORD", "secret");
});
afterEach(() => void vi.unstubAllEnvs());

function run(...args: string[]): Promise<CliResult> {
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  return cli(["hypervisors", ...args, "--url", `http://127.0.0.1:${port}`]);
}

test("a list has each hypervisor with its state, its flows, what was put back, and why it is so", async () => {
  const { stdout, status } = await run("list", "--format", "csv");
  expect(status).toBe(0);
  expect(stdout.trim().split("\n")).toEqual([
    "Hypervisor,State,Address,Realised,Flows,Drift,Reason",
    "OVS/host-1,preparing,10.9.0.1:6640,12,7,3,Open vSwitch can't make the tunnel port loom-vxlan: \\u001b[31mFile exists",
    "c3b5,preparing,dials in,12,7,3,Open vSwitch can't make the tunnel port loom-vxlan: \\u001b[31mFile exists",
  ]);
});

test("one that dials in is shown with where it came from", async () => {
  const { stdout } = await run("show", "c3b5");
  expect(stdout).toMatch(/address\s+dials in\n/);
  expect(stdout).toContain("dialled in from tcp:10.9.0.2:41234");
});

test("one hypervisor is shown with its bridges, and with what was put back by kind", async () => {
  const { stdout } = await run("show", "OVS/host-1");
  expect(stdout).toMatch(/br-tun\s+0000000000000053\s+yes\s+4/);
  expect(stdout).toMatch(/flow\s+2/);
  expect(stdout).toContain("3 things were put back");
  expect(JSON.parse((await run("show", "OVS/host-1", "--json")).stdout)).toEqual(hypervisor);
  expect(await run("show", "OVS/nobody")).toMatchObject({ status: 2 });
});
