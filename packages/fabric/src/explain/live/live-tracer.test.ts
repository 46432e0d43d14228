import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Ip, type Mac, systemClock, type Uuid } from "@loomstack/core";
import { createPort, createSubnet, type LiveTraceRequest, loadIntent, type Trace } from "@loomstack/model";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ControllerWorld, isMissing, network, until, withOpenVSwitch } from "../../controller-under-test.ts";
import { HypervisorRegistry } from "../../hypervisors.ts";
import { uuid } from "../../intent/intent-under-test.ts";
import { answersOf } from "../../services/network-answers-under-test.ts";
import { LiveTracer } from "./live-tracer.ts";

const subnet = uuid(2);
const ipOf = (n: number): Ip => `10.0.0.${n}` as Ip;
const macOf = (n: number): Mac => `02:00:00:00:00:${n}` as Mac;
const ping = (change: Partial<LiveTraceRequest> = {}): LiveTraceRequest => ({
  ...{ from: uuid(11), to: ipOf(13), protocol: { name: "icmp" }, deliver: true },
  ...change,
});
/** The tables that the flows lead the packet through. */
const wayOf = ({ steps }: Trace): string[] => steps.map(({ table }) => table);

describe.skipIf(isMissing)(`tracing real packets, ${withOpenVSwitch}`, { timeout: 30_000 }, () => {
  let world: ControllerWorld;
  let folder: string;
  let tracer: LiveTracer;
  let recorded: string[];
  let listening: Disposable;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "loomstack-live-"));
    world = await ControllerWorld.start();
    await world.connect("a", world.host);
    await makeGuests(world);
    for (const n of [11, 13]) await world.plug(world.host, `tap${n}`, uuid(n));
    for (const tap of ["tap11", "tap13"])
      await world.host.vsctl("--no-wait", "set", "Interface", tap, `options:tx_pcap=${join(folder, tap)}`);
    for (const n of [11, 13]) await world.settled(uuid(n));
  }, 30_000);
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    const { hypervisors } = world.controller;
    if (!(hypervisors instanceof HypervisorRegistry)) throw new TypeError("the hypervisors are none of ours");
    recorded = [];
    const intent = await loadIntent(world.store);
    tracer = new LiveTracer({
      world: {
        intent,
        hypervisors,
        answers: answersOf(intent),
        paths: { measure: () => Promise.resolve("unknown") },
      },
      clock: systemClock,
      random: Math.random,
      record: (hypervisor, port, packet) => Promise.resolve(void recorded.push(`${hypervisor} ${port} ${packet}`)),
    });
    listening = hypervisors.sightings.add(({ key, packet }) => tracer.received(key, packet));
  });
  afterEach(() => listening[Symbol.dispose]());

  const seen = (trace: Trace, what: "packet" | "answer"): string[] =>
    (trace.live?.seen ?? []).filter((one) => one.what === what).map(({ table }) => table);
  /** What a guest was given, of all but IPv6: the frames of a pcap file (libpcap's file format), oldest first. */
  const given = async (tap = "tap13"): Promise<Buffer[]> => {
    const file = await readFile(join(folder, tap));
    const frames: Buffer[] = [];
    for (let at = 24; at + 16 <= file.length;) {
      const length = file.readUInt32LE(at + 8);
      const frame = file.subarray(at + 16, at + 16 + length);
      if (frame.readUInt16BE(12) !== 0x86dd) frames.push(frame);
      at += 16 + length;
    }
    return frames;
  };
  /** The echo reply to an echo request (RFC 792). */
  const replyTo = (request: Buffer): Buffer => {
    const [reply, copy] = [Buffer.from(request), Buffer.from(request)];
    copy.copy(reply, 0, 6, 12);
    copy.copy(reply, 6, 0, 6);
    copy.copy(reply, 26, 30, 34);
    copy.copy(reply, 30, 26, 30);
    reply[34] = 0;
    return reply;
  };

  test("every table that the packet meets tells of it, its guest gets it, and it is recorded before it is sent", async () => {
    const before = (await given()).length;
    const trace = await tracer.trace(ping());
    expect(seen(trace, "packet")).toEqual(wayOf(trace));
    expect(wayOf(trace).at(-1)).toBe("forward");
    expect(trace).toMatchObject({
      reached: true,
      live: { packetsSent: 3, answered: false },
      verdict: expect.stringMatching(/output to port \S+13 .*\(tap13\); no answer came back from the guest$/) as string,
    });
    const frames = (await given()).slice(before);
    expect(frames.map(({ length }) => length)).toEqual([98, 98, 98]);
    expect(recorded).toEqual([expect.stringMatching(new RegExp(`^system-a ${uuid(11)} icmp,in_port=\\d+,.*nw_ttl=`))]);
  });

  test("an answer that comes back is seen on its way, and ends the trace", async () => {
    const before = (await given()).length;
    const tracing = tracer.trace(ping({ size: 1_400 }));
    await until(async () => (await given()).length > before);
    const [request] = (await given()).slice(before);
    await world.host.appctl("netdev-dummy/receive", "tap13", replyTo(request ?? Buffer.alloc(0)).toString("hex"));
    const trace = await tracing;
    expect(seen(trace, "answer")).toEqual(wayOf(trace));
    expect(trace).toMatchObject({ reached: true, bytes: 1_400, live: { packetsSent: 1, answered: true } });
    expect(trace.verdict).toMatch(/; its answer was back after \d+ ms$/);
  });

  test("a packet that is stopped in front of its guest is seen, and the guest doesn't get it", async () => {
    const before = (await given()).length;
    const trace = await tracer.trace(ping({ deliver: false, protocol: { name: "tcp", destinationPort: 80 } }));
    expect(seen(trace, "packet")).toEqual(wayOf(trace));
    expect(trace.live).toMatchObject({ packetsSent: 1, answered: null });
    expect(trace.verdict).toMatch(/; it was stopped there, as asked, and the guest didn't get it$/);
    expect((await given()).length).toBe(before);
    await expect(tracer.trace(ping({ deliver: false, to: ipOf(255) }))).rejects.toThrow(/only a packet for one port/);
  });

  test("a question who has an address is seen until the switch answers it", async () => {
    const trace = await tracer.trace(ping({ protocol: { name: "arp" } }));
    expect(seen(trace, "packet")).toEqual(["classify", "portSecurity", "arpResponder"]);
    expect(trace).toMatchObject({ reached: true, live: { packetsSent: 1, answered: null } });
  });

  test("a question for the network itself is answered by the controller, once, and the trace says what", async () => {
    const before = (await given("tap11")).length;
    const trace = await world.controller.explanations.traceLive(
      ping({ to: "255.255.255.255" as Ip, protocol: { name: "udp", destinationPort: 67 } }),
    );
    expect(seen(trace, "packet")).toEqual(["classify", "portSecurity", "arpResponder", "services"]);
    expect(trace).toMatchObject({ reached: true, live: { packetsSent: 1, answered: true } });
    expect(trace.verdict).toMatch(
      /^the packet is answered by the controller, .*\(dhcp\): it offers 10\.0\.0\.11\/24 .*; that was said after \d+ ms$/,
    );
    await until(async () => (await given("tap11")).length > before);
    // Whatever the first one brought has come when the second one's answer is there.
    await world.controller.explanations.traceLive(ping({ protocol: { name: "arp" } }));
    expect((await given("tap11")).slice(before).filter((frame) => frame.readUInt16BE(34) === 67)).toHaveLength(1);
  });

  test("a packet that is dropped is seen no further", async () => {
    const trace = await tracer.trace(ping({ sourceIp: ipOf(9) }));
    expect(seen(trace, "packet")).toEqual(["classify", "portSecurity", "refused"]);
    expect(trace).toMatchObject({
      reached: false,
      verdict: expect.stringMatching(/^dropped on .* portSecurity:/) as string,
    });
  });

  test("what watches is no flow of ours, has a time limit, isn't put right as drift, and is gone afterwards", async () => {
    const flows = async (): Promise<string[]> => (await world.flowsOf(world.host)).sort();
    const [before, sent] = [await flows(), world.sent("system-a")];
    const tracing = tracer.trace(ping({ protocol: { name: "tcp", destinationPort: 80 } }));
    const watching = async (): Promise<string[]> => (await flows()).filter((flow) => flow.includes("cookie=0x4c54"));
    await until(async () => (await watching()).length > 0);
    for (const flow of await watching()) expect(flow).toMatch(/hard_timeout=10,.*priority=65535,.*reg15=0\/0x/);
    await tracing;
    expect(await flows()).toEqual(before);
    expect([world.sent("system-a"), world.status("system-a")?.counters.driftRepaired]).toEqual([sent, 0]);
  });

  test("nothing is sent for a port that is nowhere, too small or too large a packet, or the sixth at once", async () => {
    const code = (name: string) => expect.objectContaining({ code: name }) as Error;
    await expect(tracer.trace(ping({ from: uuid(14) }))).rejects.toThrow(code("FABRIC__LIVE_TRACE_IMPOSSIBLE"));
    for (const size of [30, 9_217])
      await expect(tracer.trace(ping({ size }))).rejects.toThrow(/from 32 to 9216 bytes|at most 1500/);
    await expect(tracer.trace(ping({ from: uuid(404) }))).rejects.toThrow(code("MODEL__NOT_FOUND"));
    await tracer.trace(ping({ protocol: { name: "arp" } }));
    await expect(tracer.trace(ping())).rejects.toThrow(code("FABRIC__LIVE_TRACE_LIMITED"));
    expect(recorded).toHaveLength(1);
  });

  test("the controller records an event for it", async () => {
    await world.controller.explanations.traceLive(ping({ protocol: { name: "arp" } }));
    const recorded = await world.events("packet-sent");
    expect(recorded.at(-1)).toMatchObject({
      ...{ object: `port ${uuid(11)}`, hypervisor: "system-a" },
      message: expect.stringMatching(/: arp,/) as string,
    });
  });

  test("what a controller that dies in the middle leaves, the next one leaves alone, and its time limit removes", async () => {
    const { host } = world;
    const flows = async (): Promise<string[]> => (await world.flowsOf(host)).sort();
    const watching = async (): Promise<string[]> => (await flows()).filter((flow) => flow.includes("cookie=0x4c54"));
    const before = await flows();
    // Nobody answers: it is under way for longer than it takes to end the controller.
    const tracing = world.controller.explanations.traceLive(ping({ protocol: { name: "tcp", destinationPort: 80 } }));
    const ended = tracing.then(
      () => "told",
      () => "failed",
    );
    await until(async () => (await watching()).length > 0);
    let left: string[] = [];
    await world.restart(async () => {
      await ended;
      left = await watching();
    });
    await world.ready("system-a");
    for (const n of [11, 13]) await world.settled(uuid(n));
    expect(left.length).toBeGreaterThan(0);
    expect(await watching()).toEqual(left);
    const { counters, bridges } = world.status("system-a") ?? expect.fail("it is not there");
    expect([counters.flowModsSent, counters.driftRepaired]).toEqual([0, 0]);
    expect(bridges.reduce((sum, bridge) => sum + bridge.flows, 0)).toBe(before.length);
    await host.appctl("time/warp", "10000");
    await until(async () => (await watching()).length === 0);
    expect(await flows()).toEqual(before);
    expect(world.sent("system-a")).toBe(0);
  });
});

/** 11 and 13 are plugged in; 14 is on no hypervisor. */
async function makeGuests(world: ControllerWorld): Promise<void> {
  const names = { name: "", tenantId: "", deviceId: "", deviceOwner: "" };
  const range = { id: subnet, networkId: network, cidr: "10.0.0.0/24", gatewayIp: ipOf(1), enableDhcp: true };
  await world.store.transact((tx) => createSubnet(tx, { ...names, ...range }));
  for (const n of [11, 13, 14]) {
    const id: Uuid = uuid(n);
    const fixedIps = [{ subnetId: subnet, ipAddress: ipOf(n) }];
    await world.store.transact((tx) =>
      createPort(tx, { ...names, id, networkId: network, macAddress: macOf(n), fixedIps, adminStateUp: true }),
    );
  }
}
