import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseIpv4, type Revision, silentLogger } from "@loomstack/core";
import {
  appendEvent,
  type FlowDescription,
  type HypervisorStatus,
  noDrift,
  openSqliteStore,
  type Realised,
} from "@loomstack/model";
import Fastify from "fastify";
import { expect, test } from "vitest";
import { apiUnderTest, authenticate, makeObjects, refuse } from "./api-under-test.ts";
import { apiNorthbound } from "./northbound.ts";

const hypervisor: HypervisorStatus = {
  key: "b2a4",
  node: { type: "OVS", id: "host-1", address: parseIpv4("10.9.0.1"), port: 6640 },
  systemId: "b2a4",
  connection: "dialled tcp:10.9.0.1:6640",
  certificate: null,
  state: "ready",
  reason: "its bridges are in place",
  tunnelEndpoint: parseIpv4("10.9.0.1"),
  realised: 4 as Revision,
  bridges: [{ name: "br-int", dpid: "0000000000000052", connected: true, flows: 3, desiredFlows: 3 }],
  counters: {
    flowModsSent: 3,
    driftRepaired: 2,
    ovsdbTransactions: 0,
    ovsdbConnections: 1,
    openflowConnections: 2,
    rounds: 4,
    roundsFailed: 0,
    packetsPunted: 0,
    puntsDropped: 0,
  },
  drift: { ...noDrift, flow: 2 },
};

test("health is told to anyone, and nothing else is", async () => {
  await using api = await apiUnderTest();
  expect(await api.get("/health", "nobody:")).toMatchObject({ status: 200, body: { status: "ok" } });
  for (const path of [
    "/hypervisors",
    "/hypervisors/b2a4/flows",
    "/networks",
    "/ports",
    "/events",
    "/revision",
    "/switches",
    "/switches/00000000000000a1/flows",
    "/nowhere",
  ]) {
    const answer = await api.get(path, "admin:wrong");
    expect(answer).toMatchObject({ status: 401, body: { error: { code: "NORTHBOUND__UNAUTHORIZED" } } });
    expect(answer.headers["www-authenticate"]).toBe('Basic realm="loomstack"');
    expect(await api.get(path, "eve:secret")).toMatchObject({
      status: 403,
      body: { error: { code: "NORTHBOUND__FORBIDDEN" } },
    });
  }
});

test("hypervisors are told as they are", async () => {
  await using api = await apiUnderTest({ hypervisors: { list: () => [hypervisor] } });
  expect(await api.get("/hypervisors")).toMatchObject({ status: 200, body: { hypervisors: [hypervisor] } });
});

test("a hypervisor that dials in is accepted by its system-id, and forgotten", async () => {
  const asked: unknown[] = [];
  const accept = (...call: unknown[]): Promise<HypervisorStatus> => Promise.resolve((asked.push(call), hypervisor));
  const forget = (key: string): Promise<void> => Promise.resolve(void asked.push(key));
  await using api = await apiUnderTest({ hypervisors: { accept, forget } });
  expect(await api.send("PUT", "/hypervisors/b2a4")).toMatchObject({ status: 200, body: { key: "b2a4" } });
  expect((await api.send("PUT", "/hypervisors/b2a4", { certificate: "CN=a" })).status).toBe(200);
  expect((await api.send("PUT", "/hypervisors/b2a4", { address: "10.9.0.1" })).status).toBe(400);
  expect((await api.send("DELETE", "/hypervisors/b2a4")).status).toBe(204);
  expect(asked).toEqual([["b2a4", undefined], ["b2a4", "CN=a"], "b2a4"]);
});

test("the flows of a hypervisor are found by its key, and those of an unknown one aren't", async () => {
  const flow: FlowDescription = {
    bridge: "br-int",
    flow: "table=0,priority=0 actions=drop",
    why: "nothing else fits",
    owner: "",
  };
  const flows = (key: string): FlowDescription[] => (key === "b2a4" ? [flow] : refuse());
  await using api = await apiUnderTest({ hypervisors: { list: () => [hypervisor], flows } });
  for (const id of ["b2a4", "OVS%2Fhost-1"])
    expect(await api.get(`/hypervisors/${id}/flows`)).toMatchObject({ status: 200, body: { flows: [flow] } });
  const missing = await api.get("/hypervisors/OVS%2Fhost-2/flows");
  expect(missing).toMatchObject({
    status: 404,
    body: { error: { code: "MODEL__NOT_FOUND", message: "there is no hypervisor OVS/host-2" } },
  });
});

test("networks are told with their subnets, and ports with their status and its reason", async () => {
  const status = { status: "BUILD", reason: "waiting for OVS/2", hypervisor: "OVS/1" } as const;
  await using api = await apiUnderTest({ realised: { port: () => status } });
  const result = await makeObjects(api.store);
  expect((await api.get("/networks")).body).toEqual({ networks: [{ ...result.network, subnets: [result.subnet] }] });
  expect((await api.get("/ports")).body).toEqual({ ports: [{ learntAddresses: [], ...result.port, ...status }] });
});

test("events are told from the one after the last that was seen", async () => {
  await using api = await apiUnderTest();
  for (const at of [1, 2, 3]) await appendEvent(api.store, { at, severity: "info", kind: "k", message: "m" });
  const ids = async (query: string): Promise<unknown> =>
    ((await api.get(`/events${query}`)).body as { events: { id: number }[] }).events.map(({ id }) => id);
  expect(await ids("")).toEqual([1, 2, 3]);
  expect(await ids("?since=1")).toEqual([2, 3]);
  expect(await ids("?since=1&limit=1")).toEqual([2]);
});

test.each([
  "/events?since=x",
  "/events?since=-1",
  "/events?limit=0",
  "/events?limit=1001",
  "/events?snice=1",
  "/revision?wait=x",
])("%s is answered 400 with the place", async (path) => {
  await using api = await apiUnderTest();
  const answer = await api.get(path);
  expect(answer).toMatchObject({ status: 400, body: { error: { code: "NORTHBOUND__MALFORMED" } } });
  expect((answer.body as { error: { message: string } }).error.message).toMatch(/^querystring/);
});

test("the revision of intent is told with the one that is realised", async () => {
  await using api = await apiUnderTest({ realised: { revision: () => 0 as Revision } });
  expect((await api.get("/revision")).body).toEqual({ intent: 0, realised: 0 });
});

test("whoever waits for a revision is answered when it is realised, or who lacks it when the time is up", async () => {
  const asked = Promise.withResolvers<unknown>();
  const reached: Realised["reached"] = (revision, signal, key) => {
    if (revision === 7) return Promise.resolve(true);
    asked.resolve([revision, key]);
    const aborted = Promise.withResolvers<boolean>();
    signal.addEventListener("abort", () => aborted.resolve(false));
    return aborted.promise;
  };
  const lacking = [{ who: "OVS/host-1", confirmed: 6 as Revision, reason: "its database is read" }];
  await using api = await apiUnderTest({
    hypervisors: { list: () => [hypervisor] },
    realised: { revision: () => 7 as Revision, reached, lacking: () => lacking },
  });
  expect((await api.get("/revision?wait=7")).body).toEqual({ intent: 0, realised: 7, reached: true, lacking: [] });
  const pending = api.get("/revision?wait=8&hypervisor=b2a4");
  expect(await asked.promise).toEqual([8, "b2a4"]);
  api.expire();
  expect((await pending).body).toEqual({ intent: 0, realised: 7, reached: false, lacking });
  expect(await api.get("/revision?wait=8&hypervisor=OVS%2Fnobody")).toMatchObject({ status: 404 });
  expect(await api.get("/revision?hypervisor=b2a4")).toMatchObject({ status: 400 });
});

test("a defect is answered 500 and says nothing of itself", async () => {
  await using api = await apiUnderTest({
    hypervisors: {
      list: () => {
        throw new TypeError("secret detail");
      },
    },
  });
  const { status, body } = await api.get("/hypervisors");
  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toContain("secret");
});

test("a path that isn't there is answered 404", async () => {
  await using api = await apiUnderTest();
  expect(await api.get("/nowhere")).toMatchObject({ status: 404, body: { error: { code: "NORTHBOUND__NOT_FOUND" } } });
});

test("a process without the controller half has no calls about it, but health and events", async () => {
  const folder = mkdtempSync(join(tmpdir(), "loomstack-api-"));
  using _ = { [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
  await using store = await openSqliteStore(join(folder, "store.db"));
  const app = Fastify();
  await app.register(
    apiNorthbound({
      store,
      clock: { now: () => 0, after: refuse },
      logger: silentLogger,
      authenticate,
      isServing: () => true,
    }),
  );
  const headers = { authorization: `Basic ${Buffer.from("admin:secret").toString("base64")}` };
  expect((await app.inject({ url: "/api/v1/health" })).statusCode).toBe(200);
  expect((await app.inject({ url: "/api/v1/events", headers })).statusCode).toBe(200);
  expect((await app.inject({ url: "/api/v1/hypervisors", headers })).statusCode).toBe(404);
  await app.close();
});
