import { LoomstackError } from "@loomstack/core";
import type { ExplainedSubject, Explanation, LiveTraceRequest, Trace, TraceRequest } from "@loomstack/model";
import { expect, test } from "vitest";
import { apiUnderTest, uuid } from "./api-under-test.ts";

const explanation: Explanation = {
  summary: "1 flow",
  flows: [
    {
      ...{ hypervisor: "OVS/a", bridge: "br-int", table: "forward", flow: "priority=100 actions=drop" },
      ...{ feature: "forwarding", owner: "port x", alsoFor: [], why: "because" },
    },
  ],
};
const trace: Trace = {
  packet: "icmp,in_port=1",
  bytes: 84,
  remark: null,
  steps: [
    {
      ...{ depth: 0, hypervisor: "OVS/a", bridge: "br-int", table: "forward", packet: "icmp", flow: null },
      ...{ feature: null, owner: null, why: null, remarks: ["no flow takes it"] },
    },
  ],
  ends: [{ kind: "dropped", hypervisor: "OVS/a", bridge: "br-int", port: null, text: "dropped" }],
  reached: false,
  verdict: "dropped",
  live: null,
};

test("what is asked for is explained, however long its text is", async () => {
  const asked: ExplainedSubject[] = [];
  const explain = (subject: ExplainedSubject): Explanation => (asked.push(subject), explanation);
  await using api = await apiUnderTest({ explanations: { explain } });
  const flow = `priority=1,${"dl_dst=02:00:00:00:00:01,".repeat(20)} actions=drop`;
  expect(await api.send("POST", "/explain", { kind: "flow", id: flow })).toMatchObject({
    status: 200,
    body: explanation,
  });
  expect(asked).toEqual([{ kind: "flow", id: flow }]);
  expect(await api.send("POST", "/explain", { kind: "guest", id: "1" })).toMatchObject({ status: 400 });
});

test.each<[object, object]>([
  [{ to: "10.0.0.2" }, { to: "10.0.0.2", protocol: { name: "icmp" } }],
  [
    { to: "2001:DB8::2", protocol: "tcp/80" },
    { to: "2001:db8::2", protocol: { name: "tcp", destinationPort: 80 } },
  ],
  [
    { to: "20:01::2", protocol: "arp" },
    { to: "20:1::2", protocol: { name: "arp" } },
  ],
  [
    { to: "02:00:00:00:00:0A", protocol: "udp/53", sourceMac: "02:00:00:00:00:01", sourceIp: "10.0.0.9", size: 1450 },
    {
      ...{ to: "02:00:00:00:00:0a", protocol: { name: "udp", destinationPort: 53 } },
      ...{ sourceMac: "02:00:00:00:00:01", sourceIp: "10.0.0.9", size: 1450 },
    },
  ],
])("a packet is traced: %j", async (body, request) => {
  const asked: TraceRequest[] = [];
  await using api = await apiUnderTest({
    explanations: { trace: (one) => (asked.push(one), Promise.resolve(trace)) },
  });
  const answer = await api.send("POST", "/trace", { from: uuid(7), ...body });
  expect(answer).toMatchObject({ status: 200, body: trace });
  expect(asked).toEqual([{ from: uuid(7), ...request }]);
});

test("with mode live a real packet is traced, which its guest gets unless it is told otherwise", async () => {
  const asked: LiveTraceRequest[] = [];
  const seen = [{ what: "packet" as const, hypervisor: "OVS/a", bridge: "br-int", table: "classify", afterMs: 1 }];
  const answered: Trace = { ...trace, live: { packetsSent: 1, unwatched: [], seen, answered: false } };
  await using api = await apiUnderTest({
    explanations: { traceLive: (one) => (asked.push(one), Promise.resolve(answered)) },
  });
  const body = { from: uuid(7), to: "10.0.0.2", mode: "live" };
  expect(await api.send("POST", "/trace", body)).toMatchObject({ status: 200, body: answered });
  await api.send("POST", "/trace", { ...body, deliver: false });
  expect(asked.map(({ deliver }) => deliver)).toEqual([true, false]);
});

test("a live trace that can't be made now is 409, and one too many is 429", async () => {
  const errors = [
    new LoomstackError("FABRIC__LIVE_TRACE_IMPOSSIBLE", { port: uuid(7), reason: "so" }),
    new LoomstackError("FABRIC__LIVE_TRACE_LIMITED", { burst: 5, everySec: 2 }),
  ];
  await using api = await apiUnderTest({
    explanations: { traceLive: () => Promise.reject(errors.shift() ?? new Error("no more")) },
  });
  for (const status of [409, 429])
    expect(await api.send("POST", "/trace", { from: uuid(7), to: "10.0.0.2", mode: "live" })).toMatchObject({ status });
});

test.each([
  { to: "10.0.0" },
  { to: "10.0.0.2", deliver: false },
  { to: "10.0.0.2", mode: "real" },
  { to: "10.0.0.2", protocol: "tcp/65536" },
  { to: "10.0.0.2", protocol: "tcp" },
  { to: "10.0.0.2", from: "port" },
  { to: "10.0.0.2", sourceMac: "02" },
  { to: "10.0.0.2", ttl: 3 },
  { to: "10.0.0.2", size: 1.5 },
  { to: "10.0.0.2", size: 65_536 },
])("%j is malformed", async (body) => {
  await using api = await apiUnderTest();
  expect(await api.send("POST", "/trace", { from: uuid(7), ...body })).toMatchObject({
    status: 400,
    body: { error: { code: "NORTHBOUND__MALFORMED" } },
  });
});

test("an object that there isn't is 404, a packet that can't be 400", async () => {
  const missing = new LoomstackError("MODEL__NOT_FOUND", { resource: "port", id: "x" });
  const impossible = new LoomstackError("FABRIC__PACKET_IMPOSSIBLE", { port: uuid(7), reason: "so" });
  await using api = await apiUnderTest({
    explanations: {
      explain: () => {
        throw missing;
      },
      trace: () => Promise.reject(impossible),
    },
  });
  expect(await api.send("POST", "/explain", { kind: "port", id: "x" })).toMatchObject({ status: 404 });
  expect(await api.send("POST", "/trace", { from: uuid(7), to: "10.0.0.2" })).toMatchObject({ status: 400 });
});
