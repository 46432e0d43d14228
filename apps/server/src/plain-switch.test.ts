/** The two things that static flows are for, by REST, with packets: a real server process and a real ovs-vswitchd. */
import { mkdtempDisposable, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { FlowAnswer, FlowsAnswer, PuntedPacketsAnswer, SwitchAnswer } from "@loomstack/api";
import { missingOpenVSwitch, type OpenVSwitch, startOpenVSwitch } from "@loomstack/testkit";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type ServerUnderTest, startServer, unusedPort } from "./server-under-test.ts";

const dpid = "00000000000000a1";
const title = `static flows${missingOpenVSwitch === undefined ? "" : ` (skipped: there is no ${missingOpenVSwitch})`}`;
const patience = { timeout: 20_000, interval: 20 };
const packet = "eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),eth_type(0x88b5)";
/** The packet with VLAN 100: addresses, tag, type. */
const tagged = ["020000000002", "020000000001", "81000064", "88b5"].join("");

describe.skipIf(missingOpenVSwitch !== undefined)(title, { timeout: 120_000 }, () => {
  const stack = new AsyncDisposableStack();
  let [folder, capture, openflowPort] = ["", "", 0];
  let server: ServerUnderTest;
  let ovs: OpenVSwitch;
  let punting: string;

  /** Makes br0 connect, and capture what leaves port 2. */
  async function connect(): Promise<void> {
    const dial = ["--", "set-controller", "br0", `tcp:127.0.0.1:${openflowPort}`];
    const port2 = ["set", "Interface", "p2", `options:tx_pcap=${capture}`];
    await ovs.vsctl(...port2, "--", "set", "bridge", "br0", `other_config:datapath-id=${dpid}`, ...dial);
    await ovs.vsctl("set", "controller", "br0", "max_backoff=1000");
  }

  beforeAll(async () => {
    const temporary = await mkdtempDisposable(path.join(tmpdir(), "loomstack-server-"));
    stack.defer(() => temporary.remove());
    [folder, capture, openflowPort] = [temporary.path, path.join(temporary.path, "port-2.pcap"), await unusedPort()];
    server = await startServer(folder, openflowPort);
    stack.defer(() => server.kill());
    ovs = stack.use(await startOpenVSwitch(2));
    await connect();
    const isListed = { switches: [{ dpid, state: "discovered" }] };
    await vi.waitFor(async () => expect(await server.ask("/switches")).toMatchObject(isListed), patience);
  }, 120_000);
  afterAll(async () => stack.disposeAsync());

  const shown = (): Promise<SwitchAnswer> => server.ask(`/switches/${dpid}`);
  const flows = async (): Promise<FlowsAnswer["flows"]> =>
    (await server.ask<FlowsAnswer>(`/switches/${dpid}/flows`)).flows;
  const add = (body: object): Promise<FlowAnswer> => server.ask(`/switches/${dpid}/flows`, body);
  const bothInstalled = (): Promise<void> =>
    vi.waitFor(
      async () => expect((await flows()).map(({ state }) => state)).toEqual(["installed", "installed"]),
      patience,
    );

  /** What comes in on port 1 leaves port 2 with the tag, and what comes in on port 2 gets to the controller. */
  async function packetsPass(): Promise<void> {
    const before = await countTagged(capture);
    await ovs.appctl("netdev-dummy/receive", "p1", `in_port(1),${packet}`);
    await vi.waitFor(async () => expect(await countTagged(capture)).toBe(before + 1), patience);
    const punted = (): Promise<PuntedPacketsAnswer> => server.ask(`/switches/${dpid}/packets`);
    const { count } = await punted();
    await ovs.appctl("netdev-dummy/receive", "p2", `in_port(2),${packet}`);
    await vi.waitFor(async () => expect((await punted()).count).toBe(count + 1), patience);
    expect((await punted()).last[0]).toMatchObject({ inPort: "2", flow: punting, reason: "action" });
  }

  test("what comes in on port 1 is tagged with VLAN 100 and sent out of port 2, the rest to the controller", async () => {
    const actions = ["push_vlan:0x8100", "set_field:4196->vlan_vid", "output:2"];
    expect((await add({ priority: 100, match: { in_port: 1 }, actions })).state).toBe("installed");
    ({ id: punting } = await add({ flow: "priority=1 actions=CONTROLLER" }));
    await packetsPass();
    expect(await shown()).toMatchObject({ puntMeter: { metered: true }, counters: { flowModsSent: 2 } });
  });

  test("after a kill -9 of the server they are still there, and none is sent again", async () => {
    await server.kill();
    server = await startServer(folder, openflowPort);
    await bothInstalled();
    await packetsPass();
    expect(await shown()).toMatchObject({ counters: { flowModsSent: 0, driftRepaired: 0 } });
  });

  test("a switch that has lost them gets them again, each once", async () => {
    const { connections } = (await shown()).counters;
    const port = (number: number): string[] => [
      ...["--", "add-port", "br0", `p${number}`],
      ...["--", "set", "Interface", `p${number}`, "type=dummy", `ofport_request=${number}`],
    ];
    await ovs.vsctl("del-br", "br0");
    const anew = ["add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=dummy", "fail_mode=secure"];
    await ovs.vsctl(...anew, "protocols=OpenFlow13", ...port(1), ...port(2));
    await connect();
    await vi.waitFor(async () => expect((await shown()).counters.connections).toBeGreaterThan(connections), patience);
    await bothInstalled();
    await packetsPass();
    expect(await shown()).toMatchObject({ puntMeter: { metered: true }, counters: { flowModsSent: 2 } });
  });
});

/** How many packets with the tag are in the capture. */
async function countTagged(capture: string): Promise<number> {
  return (await readFile(capture)).toString("hex").split(tagged).length - 1;
}
