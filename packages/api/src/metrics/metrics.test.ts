import { connect, type Socket } from "node:net";
import { DurationHistogram, parseIpv4, type Revision } from "@loomstack/core";
import { type ControllerReading, type HypervisorStatus, noDrift, type SwitchStatus } from "@loomstack/model";
import { expect, test, vi } from "vitest";
import { type ApiUnderTest, apiUnderTest } from "../api-under-test.ts";
import { parseExposition } from "./exposition-under-test.ts";
import { families } from "./families.ts";

const token = "0123456789abcdef";
const bearer = { authorization: `Bearer ${token}` };

function hypervisor(id: string): HypervisorStatus {
  return {
    key: `OVS/${id}`,
    node: { type: "OVS", id, address: parseIpv4("10.9.0.1"), port: 6640 },
    ...{ connection: null, certificate: null },
    ...{ systemId: "b2a4", state: "ready", reason: "", tunnelEndpoint: parseIpv4("10.9.0.1"), realised: 4 as Revision },
    bridges: [{ name: "br-int", dpid: "0000000000000052", connected: true, flows: 3, desiredFlows: 5 }],
    drift: { ...noDrift, flow: 2 },
    counters: {
      ...{ flowModsSent: 7, driftRepaired: 2, ovsdbTransactions: 1, ovsdbConnections: 3, openflowConnections: 4 },
      ...{ rounds: 9, roundsFailed: 1, packetsPunted: 6, puntsDropped: 5 },
    },
  };
}

function reading(): ControllerReading {
  const portsRealised = new DurationHistogram();
  for (const durationMs of [3, 40, 100_000]) portsRealised.observe(durationMs);
  return {
    ...{
      networks: 2,
      ports: 3,
      hypervisorsUntried: 0,
      rounds: new DurationHistogram().read(),
      portsRealised: portsRealised.read(),
    },
    ...{ portsRealising: 0, portsNotTimed: 0, turnsWaiting: 1, bindingsPending: 0, connectsWaiting: 0 },
    questions: { answered: { dhcpv4: 11 }, ignored: 1, dropped: 0 },
    ...{ realisedWaiting: 0, paths: { wanted: 2, up: 1, probesSent: 5, probesArrived: 1 } },
  };
}

const added: SwitchStatus = {
  ...{ dpid: "00000000000000a1", name: null, registered: true, connected: true, address: "", version: "1.3" },
  ...{ hypervisor: null, certificate: null, state: "ready", reason: "", realised: 4 as Revision, puntMeter: null },
  flows: { wanted: 3, installed: 2, refused: 1 },
  counters: { flowModsSent: 3, driftRepaired: 0, connections: 1, packetsPunted: 8 },
};

async function measuredApi(hypervisors: readonly HypervisorStatus[], read = reading): Promise<ApiUnderTest> {
  return apiUnderTest({
    hypervisors: { list: () => hypervisors },
    realised: { revision: () => 4 as Revision },
    switches: { list: () => [added, { ...added, dpid: "00000000000000a2", registered: false }] },
    measurements: { read },
    traffic: { refusals: () => Promise.resolve(new Map([["OVS/host-1", 12n]])) },
    metricsToken: token,
  });
}

test("metrics are for administrators and for who shows the token, which opens nothing else", async () => {
  await using api = await measuredApi([]);
  for (const path of ["/metrics", "/api/v1/metrics"]) {
    expect((await api.raw(path)).statusCode).toBe(401);
    expect((await api.raw(path, { authorization: "Bearer 0123456789abcdeg" })).statusCode).toBe(401);
    const scraped = await api.raw(path, bearer);
    expect(scraped.statusCode).toBe(200);
    expect(scraped.headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
  }
  expect((await api.raw("/api/v1/ports", bearer)).statusCode).toBe(401);
  const basic = (user: string) => ({ authorization: `Basic ${Buffer.from(user).toString("base64")}` });
  expect((await api.raw("/metrics", basic("admin:secret"))).statusCode).toBe(200);
  expect((await api.raw("/metrics", basic("eve:secret"))).statusCode).toBe(403);
});

test("without a token in the configuration none is accepted", async () => {
  await using api = await apiUnderTest();
  expect((await api.raw("/metrics", { authorization: "Bearer undefined" })).statusCode).toBe(401);
});

test("the text keeps to the format, whatever objects are called, and has every family", async () => {
  await using api = await measuredApi([hypervisor("host-1"), hypervisor('a"b\\c\nd')]);
  await api.raw("/api/v1/nowhere");
  const text = (await api.raw("/metrics", bearer)).payload;
  const parsed = parseExposition(text);
  for (const { name, type, labels } of families) {
    expect(parsed.get(name)?.type).toBe(type);
    expect(name).toMatch(type === "counter" ? /_total$/ : type === "histogram" ? /_seconds$/ : /(?<!_total)$/);
    expect(labels).not.toContain("port");
  }
  const value = (family: string, sample: string): unknown => parsed.get(family)?.samples.get(sample);
  expect(
    value("loomstack_hypervisor_flow_mods_total", 'loomstack_hypervisor_flow_mods_total{hypervisor="OVS/host-1"}'),
  ).toBe(7);
  expect(value("loomstack_hypervisor_ready", 'loomstack_hypervisor_ready{hypervisor="OVS/a\\"b\\\\c\\nd"}')).toBe(1);
  const drops = "loomstack_hypervisor_port_security_drops_total";
  expect(parsed.get(drops)?.samples).toEqual(new Map([[`${drops}{hypervisor="OVS/host-1"}`, 12]]));
  const answered = "loomstack_guest_questions_answered_total";
  expect(value(answered, `${answered}{service="dhcpv4"}`)).toBe(11);
  expect(value("loomstack_hypervisors", 'loomstack_hypervisors{state="ready"}')).toBe(2);
  const realise = "loomstack_port_realise_duration_seconds";
  expect(value(realise, `${realise}_bucket{le="0.005"}`)).toBe(1);
  expect(value(realise, `${realise}_bucket{le="30"}`)).toBe(2);
  expect(value(realise, `${realise}_count{}`)).toBe(3);
  expect(
    value("loomstack_http_requests_total", 'loomstack_http_requests_total{method="GET",route="(none)",status="401"}'),
  ).toBe(1);
  expect(parsed.get("loomstack_switch_up")?.samples.size).toBe(1);
  expect(parsed.get("process_resident_memory_bytes")?.samples.size).toBe(1);
});

test("those who ask at the same time share one reading", async () => {
  const read = vi.fn(reading);
  await using api = await measuredApi([], read);
  await Promise.all(Array.from({ length: 10 }, async () => api.raw("/metrics", bearer)));
  expect(read).toHaveBeenCalledTimes(1);
});

test("a hundred readers that don't read hold a bounded number of answers, and go after their time", async () => {
  // More than the kernel takes for a reader.
  const many = Array.from({ length: 8_000 }, (_, index) => hypervisor(`host-${index}`));
  const read = vi.fn(reading);
  await using api = await measuredApi(many, read);
  const { hostname, port } = new URL(await api.listen());
  const readers = Array.from({ length: 100 }, (): Socket => {
    const socket = connect(Number(port), hostname).on("error", () => undefined);
    socket.pause().write(`GET /metrics HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n\r\n`);
    return socket;
  });
  const status = async (): Promise<number> => (await api.raw("/metrics", bearer)).statusCode;
  await vi.waitUntil(async () => (await status()) === 503, { timeout: 20_000 });
  expect((await api.raw("/metrics", bearer)).headers["retry-after"]).toBe("1");
  expect(read).toHaveBeenCalledTimes(1);
  const isFree = async (): Promise<boolean> => {
    // Whoever had to wait takes the place of those who go.
    api.expire();
    return (await status()) === 200;
  };
  await vi.waitUntil(isFree, { timeout: 20_000 });
  for (const socket of readers) socket.destroy();
  await vi.waitUntil(() => api.timers() === 0);
}, 60_000);
