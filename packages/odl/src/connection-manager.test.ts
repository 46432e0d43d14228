import { LoomstackError, parseIpv4 } from "@loomstack/core";
import { type HypervisorStatus, type NodeAddress, upsertNode } from "@loomstack/model";
import { expect, test } from "vitest";
import { connections, odlUnderTest, statusOf } from "./odl-under-test.ts";

const host = { type: "OVS", id: "host-1", address: parseIpv4("10.9.0.1"), port: 6640 };
const url = `${connections}/node/OVS/host-1/address/10.9.0.1/port/6640`;

/** A controller that connects whatever it is asked to, and remembers what that was. */
function obliging(): { asked: NodeAddress[]; connect(node: NodeAddress): Promise<HypervisorStatus> } {
  const asked: NodeAddress[] = [];
  return {
    asked,
    connect(node) {
      asked.push(node);
      return Promise.resolve(statusOf(node));
    },
  };
}

test("a node that is asked for is connected, each time that it is asked for", async () => {
  const hypervisors = obliging();
  await using odl = await odlUnderTest({ hypervisors });
  expect(await odl.call("PUT", url)).toMatchObject({ status: 200, body: { id: "host-1", type: "OVS" } });
  expect((await odl.call("PUT", `${url}/`)).status).toBe(200);
  expect(hypervisors.asked).toEqual([host, host]);
});

test.each([
  ["without a content type", {}],
  ["with JSON announced and none sent", { "content-type": "application/json" }],
])("a PUT without a body is taken %s", async (_, headers) => {
  await using odl = await odlUnderTest({ hypervisors: obliging() });
  expect((await odl.call("PUT", url, undefined, headers)).status).toBe(200);
});

test("without a type a node is an OVS, and port 0 means 6640", async () => {
  const hypervisors = obliging();
  await using odl = await odlUnderTest({ hypervisors });
  const answer = await odl.call("PUT", `${connections}/node/host-1/address/10.9.0.1/port/0/`);
  expect(answer).toMatchObject({ status: 200, body: { id: "host-1", type: "OVS" } });
  expect(hypervisors.asked).toEqual([host]);
});

test.each([
  "node/OVS/host-1/address/10.9.0/port/6640",
  "node/OVS/host-1/address/hypervisor.example/port/6640",
  "node/OVS/host-1/address/2001:db8::1/port/6640",
  "node/OVS/host-1/address/10.9.0.1/port/x",
  "node/OVS/host-1/address/10.9.0.1/port/65536",
  "node/OVS/host-1/address/10.9.0.1/port/-1",
  "node/PCEP/host-1/address/10.9.0.1/port/6640",
])("PUT %s is answered 406 and changes nothing", async (path) => {
  await using odl = await odlUnderTest();
  const before = await odl.dump();
  expect(await odl.call("PUT", `${connections}/${path}`)).toMatchObject({ status: 406, type: "text/html" });
  expect(await odl.dump()).toEqual(before);
});

const whereabouts = { hypervisor: "OVS/host-1", address: "10.9.0.1", port: 6640 };

test.each([
  new LoomstackError("FABRIC__HYPERVISOR_UNREACHABLE", { ...whereabouts, reason: "connection refused" }),
  new LoomstackError("FABRIC__HYPERVISOR_REFUSED", { ...whereabouts, reason: "its system-id is taken" }),
  new LoomstackError("FABRIC__HYPERVISOR_NOT_READY", { ...whereabouts, reason: "no OpenFlow connection" }),
])("a node that can't be connected is answered 404 with the reason: $code", async (error) => {
  await using odl = await odlUnderTest({ hypervisors: { connect: () => Promise.reject(error) } });
  const before = await odl.dump();
  const answer = await odl.call("PUT", url);
  expect(answer).toMatchObject({ status: 404, type: "text/html", reason: error.message.slice(0, 200) });
  expect(answer.body).toContain("10.9.0.1:6640");
  expect(await odl.dump()).toEqual(before);
});

test("a node that doesn't answer is given up after twenty seconds", async () => {
  const asked = Promise.withResolvers<undefined>();
  await using odl = await odlUnderTest({
    hypervisors: {
      connect: (_, signal) => {
        const aborted = Promise.withResolvers<HypervisorStatus>();
        const late = new LoomstackError("FABRIC__HYPERVISOR_NOT_READY", {
          ...whereabouts,
          reason: "it doesn't answer",
        });
        signal.addEventListener("abort", () => aborted.reject(late));
        asked.resolve(undefined);
        return aborted.promise;
      },
    },
  });
  const pending = odl.call("PUT", url);
  await asked.promise;
  odl.clock.turn(20_000);
  expect(await pending).toMatchObject({ status: 404, reason: expect.stringContaining("it doesn't answer") as unknown });
  expect(odl.clock.waiting).toBe(0);
});

test("the nodes are those that were asked for and the switches that are connected", async () => {
  const bridges = [
    { name: "br-int", dpid: "0000000000000052", connected: true, flows: 3, desiredFlows: 3 },
    { name: "br-tun", dpid: "0000000000000053", connected: false, flows: 0, desiredFlows: 0 },
  ];
  await using odl = await odlUnderTest({ hypervisors: { list: () => [statusOf(host, { bridges })] } });
  await odl.store.transact((tx) => upsertNode(tx, { ...host, systemId: "b2a4", certificate: null }));
  const nodes = [
    { type: "OVS", id: "host-1" },
    { type: "OF", id: "00:00:00:00:00:00:00:52" },
  ];
  expect(await odl.call("GET", `${connections}/nodes`)).toMatchObject({ status: 200, body: { node: nodes } });
  expect((await odl.call("GET", `${connections}/nodes/?controller=192.0.2.1`)).status).toBe(200);
  expect((await odl.call("GET", `${connections}/nodes?controller=here`)).status).toBe(406);
});

test("a node that is known is disconnected, and one that isn't is answered 404", async () => {
  const disconnected: string[] = [];
  const disconnect = (type: string, id: string): Promise<void> =>
    Promise.resolve(void disconnected.push(`${type}/${id}`));
  await using odl = await odlUnderTest({ hypervisors: { disconnect } });
  await odl.store.transact((tx) => upsertNode(tx, { ...host, systemId: "b2a4", certificate: null }));
  expect(await odl.call("DELETE", `${connections}/node/OVS/host-1/`)).toMatchObject({ status: 200, body: "" });
  expect((await odl.call("DELETE", `${connections}/node/OVS/host-2`)).status).toBe(404);
  expect(disconnected).toEqual(["OVS/host-1"]);
});

test("a node that holds ports isn't disconnected, which is answered 409", async () => {
  const inUse = new LoomstackError("FABRIC__HYPERVISOR_IN_USE", { hypervisor: "OVS/host-1", ports: 2 });
  await using odl = await odlUnderTest({ hypervisors: { disconnect: () => Promise.reject(inUse) } });
  await odl.store.transact((tx) => upsertNode(tx, { ...host, systemId: "b2a4", certificate: null }));
  expect(await odl.call("DELETE", `${connections}/node/OVS/host-1`)).toMatchObject({
    status: 409,
    reason: inUse.message,
  });
});
