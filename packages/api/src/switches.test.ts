import { LoomstackError, type Revision } from "@loomstack/core";
import type { FlowRequest, StaticFlowStatus, SwitchDetail, Switches } from "@loomstack/model";
import { beforeEach, describe, expect, test } from "vitest";
import type { FlowsAnswer } from "./answers.ts";
import { apiUnderTest, uuid } from "./api-under-test.ts";

const dpid = "00000000000000a1";
const detail: SwitchDetail = {
  dpid,
  name: "rack 1",
  registered: true,
  connected: true,
  address: "192.0.2.9:4711",
  version: "1.3",
  certificate: null,
  hypervisor: null,
  state: "ready",
  reason: "its flows are what they should be",
  realised: 3 as Revision,
  flows: { wanted: 1, installed: 1, refused: 0 },
  puntMeter: { metered: true, reason: "" },
  counters: { flowModsSent: 1, driftRepaired: 0, connections: 1, packetsPunted: 0 },
  description: null,
  ports: [{ port: "1", name: "p1", mac: "02:00:00:00:00:01", config: [], state: ["live"], speedKbps: 1000 }],
};
const flow: StaticFlowStatus = {
  id: uuid(7),
  table: 0,
  priority: 100,
  match: "in_port=1",
  actions: "output:2",
  revision: 3 as Revision,
  state: "installed",
  reason: "",
  warnings: [],
};

test("switches are told as they are, by a datapath id in either spelling", async () => {
  const switches: Partial<Switches> = {
    list: () => [detail],
    get: (id) => ({ ...detail, dpid: id }),
    statistics: () => Promise.resolve({ ports: [], tables: [], tableCount: 254 }),
    packets: () => ({ count: 0, last: [] }),
    flows: () => [flow],
  };
  await using api = await apiUnderTest({ switches });
  const { description: _, ports: __, ...status } = detail;
  expect((await api.get("/switches")).body).toEqual({ switches: [status] });
  for (const spelling of [dpid, dpid.toUpperCase(), "00:00:00:00:00:00:00:a1"])
    expect(await api.get(`/switches/${spelling}`)).toMatchObject({ status: 200, body: detail });
  expect((await api.get(`/switches/${dpid}/statistics`)).body).toEqual({ ports: [], tables: [], tableCount: 254 });
  expect((await api.get(`/switches/${dpid}/packets`)).body).toEqual({ count: 0, last: [] });
  expect((await api.get(`/switches/${dpid}/flows`)).body).toEqual({ flows: [flow], next: null });
});

test.each(["1", "0xa1", "00000000000000a1a1", "zz000000000000a1", "00:00"])("%s is no datapath id", async (text) => {
  await using api = await apiUnderTest();
  expect(await api.get(`/switches/${text}`)).toMatchObject({
    status: 400,
    body: { error: { code: "NORTHBOUND__MALFORMED" } },
  });
});

test("a switch is added with a name or without one, and forgotten", async () => {
  const calls: unknown[] = [];
  const switches: Partial<Switches> = {
    register: (...said) => Promise.resolve(detail).finally(() => calls.push(said)),
    unregister: (...said) => Promise.resolve().finally(() => calls.push(said)),
  };
  await using api = await apiUnderTest({ switches });
  expect(await api.send("POST", `/switches/${dpid}`, { name: "rack 1", certificate: "CN=a" })).toMatchObject({
    status: 200,
    body: detail,
  });
  expect(await api.send("POST", `/switches/${dpid}`)).toMatchObject({ status: 200 });
  expect(await api.send("DELETE", `/switches/${dpid}`)).toMatchObject({ status: 204, body: undefined });
  expect(calls).toEqual([[dpid, { name: "rack 1", certificate: "CN=a" }], [dpid, {}], [dpid]]);
});

test("a flow is taken in its parts, which have defaults, and as text", async () => {
  const asked: FlowRequest[] = [];
  const addFlow: Switches["addFlow"] = (_, request) => {
    asked.push(request);
    return Promise.resolve(flow);
  };
  await using api = await apiUnderTest({ switches: { addFlow } });
  const post = (body: object): Promise<unknown> => api.send("POST", `/switches/${dpid}/flows`, body);
  expect(await post({ match: { in_port: 1, tcp: true }, actions: "output:2" })).toMatchObject({
    status: 201,
    body: flow,
  });
  await post({ table: 3, priority: 0, actions: ["push_vlan:0x8100", "output:2"] });
  await post({ flow: "in_port=1 actions=output:2" });
  expect(asked).toEqual([
    { table: 0, priority: 32_768, match: { in_port: 1, tcp: true }, actions: "output:2" },
    { table: 3, priority: 0, match: {}, actions: ["push_vlan:0x8100", "output:2"] },
    { flow: "in_port=1 actions=output:2" },
  ]);
});

test.each([
  {},
  { match: { in_port: 1 } },
  { flow: "actions=drop", priority: 1 },
  { table: 255, actions: "drop" },
  { table: -1, actions: "drop" },
  { priority: 65_536, actions: "drop" },
  { match: { in_port: 1.5 }, actions: "drop" },
  { match: { in_port: { value: 1 } }, actions: "drop" },
  { actions: [["drop"]] },
  { actions: "drop", cookie: 1 },
  [],
])("the body %j is refused", async (body) => {
  await using api = await apiUnderTest();
  expect(await api.send("POST", `/switches/${dpid}/flows`, body)).toMatchObject({
    status: 400,
    body: { error: { code: "NORTHBOUND__MALFORMED" } },
  });
});

test("what is missing in a body is said", async () => {
  await using api = await apiUnderTest();
  expect((await api.send("POST", `/switches/${dpid}/flows`, {})).body).toMatchObject({
    error: { message: 'body: it needs "actions", or all of the flow as text in "flow"' },
  });
});

test.each([
  [new LoomstackError("FABRIC__FLOW_INVALID", { reason: "r" }), 400],
  [new LoomstackError("FABRIC__FLOW_NOT_EXPRESSIBLE", { version: "1.0", switch: dpid, reason: "r" }), 400],
  [new LoomstackError("FABRIC__SWITCH_OF_HYPERVISOR", { switch: dpid, hypervisor: "OVS/1" }), 409],
  [new LoomstackError("MODEL__FLOW_EXISTS", { switch: dpid, table: 0, priority: 1, match: "ip" }), 409],
])("%s is answered %i", async (error, status) => {
  await using api = await apiUnderTest({ switches: { addFlow: () => Promise.reject(error) } });
  expect(await api.send("POST", `/switches/${dpid}/flows`, { actions: "drop" })).toMatchObject({
    status,
    body: { error: { code: error.code, message: error.message } },
  });
});

test("a flow is replaced by its id, and the body is checked as that of a new one", async () => {
  const asked: unknown[] = [];
  const replaceFlow: Switches["replaceFlow"] = (...[id, flowId, request]) =>
    Promise.resolve({ ...flow, priority: 7 }).finally(() => asked.push([id, flowId, request]));
  await using api = await apiUnderTest({ switches: { replaceFlow } });
  const path = `/switches/${dpid}/flows/${uuid(7)}`;
  expect(await api.send("PUT", path, { flow: "priority=7 actions=drop" })).toMatchObject({
    status: 200,
    body: { ...flow, priority: 7 },
  });
  expect(await api.send("PUT", path, { match: {} })).toMatchObject({ status: 400 });
  expect(await api.send("PUT", `/switches/${dpid}/flows/7`, { actions: "drop" })).toMatchObject({ status: 400 });
  expect(asked).toEqual([[dpid, uuid(7), { flow: "priority=7 actions=drop" }]]);
});

describe("the list of flows", () => {
  const ordered = [
    { ...flow, id: uuid(1), table: 0, priority: 9, match: "in_port=1" },
    { ...flow, id: uuid(2), table: 0, priority: 9, match: "in_port=2", state: "refused" },
    { ...flow, id: uuid(3), table: 0, priority: 1, match: "", state: "refused" },
    { ...flow, id: uuid(4), table: 3, priority: 9, match: "in_port=1" },
  ] as const;
  let held: readonly StaticFlowStatus[] = ordered;
  beforeEach(() => void (held = ordered));

  async function page(query: string): Promise<{ readonly numbers: readonly number[]; readonly next: string | null }> {
    await using api = await apiUnderTest({ switches: { flows: () => held } });
    const { status, body } = await api.get(`/switches/${dpid}/flows${query}`);
    expect(status).toBe(200);
    const { flows, next } = body as FlowsAnswer;
    return { numbers: flows.map(({ id }) => Number(id.slice(-2))), next };
  }

  test("it comes in pages, which neither repeat nor miss a flow when others come and go", async () => {
    const first = await page("?limit=2");
    expect(first.numbers).toEqual([1, 2]);
    held = ordered.filter(({ id }) => id !== uuid(2));
    const second = await page(`?limit=1&after=${first.next}`);
    expect(second.numbers).toEqual([3]);
    expect(await page(`?limit=1&after=${second.next}`)).toEqual({ numbers: [4], next: null });
  });

  test.each([
    ["", [1, 2, 3, 4]],
    ["?table=3", [4]],
    ["?state=refused", [2, 3]],
    ["?table=0&state=installed", [1]],
    ["?table=7", []],
  ])("with %j it has the flows %j", async (query, numbers) => {
    expect(await page(query)).toEqual({ numbers, next: null });
  });

  test.each(["limit=0", "limit=1001", "table=255", "state=lost", "after=xx", "after=e30", "page=2"])(
    "%s is refused",
    async (query) => {
      await using api = await apiUnderTest({ switches: { flows: () => ordered } });
      expect(await api.get(`/switches/${dpid}/flows?${query}`)).toMatchObject({
        status: 400,
        body: { error: { code: "NORTHBOUND__MALFORMED" } },
      });
    },
  );
});

test("what isn't declared of an answer isn't sent, and an answer that isn't as declared is a defect", async () => {
  const leaking = { ...detail, password: "secret" };
  await using api = await apiUnderTest({ switches: { get: () => leaking } });
  expect((await api.get(`/switches/${dpid}`)).body).toEqual(detail);
  const broken = { ...detail, state: "confused" } as unknown as SwitchDetail;
  await using other = await apiUnderTest({ switches: { get: () => broken } });
  expect(await other.get(`/switches/${dpid}`)).toMatchObject({
    status: 500,
    body: { error: { code: "NORTHBOUND__INTERNAL" } },
  });
});

test("a flow is deleted by its id, and an id that is none is refused", async () => {
  const deleted: unknown[] = [];
  const deleteFlow: Switches["deleteFlow"] = (...[id, flow]) => Promise.resolve(void deleted.push([id, flow]));
  await using api = await apiUnderTest({ switches: { deleteFlow } });
  expect(await api.send("DELETE", `/switches/${dpid}/flows/${uuid(7)}`)).toMatchObject({ status: 204 });
  expect(await api.send("DELETE", `/switches/${dpid}/flows/7`)).toMatchObject({ status: 400 });
  expect(deleted).toEqual([[dpid, uuid(7)]]);
});

test("a switch that doesn't answer doesn't keep its client waiting", async () => {
  const asked = Promise.withResolvers<undefined>();
  const addFlow: Switches["addFlow"] = (_, __, signal) =>
    new Promise((resolve) => {
      signal.addEventListener("abort", () => resolve({ ...flow, state: "pending", reason: "it is being sent" }));
      asked.resolve(undefined);
    });
  await using api = await apiUnderTest({ switches: { addFlow } });
  const pending = api.send("POST", `/switches/${dpid}/flows`, { actions: "drop" });
  await asked.promise;
  api.expire();
  expect(await pending).toMatchObject({ status: 201, body: { state: "pending" } });
});
