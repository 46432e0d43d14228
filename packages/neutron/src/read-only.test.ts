import { noDrift, type HypervisorStatus } from "@loomstack/model";
import { parseIpv4, type Revision } from "@loomstack/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fault, NeutronUnderTest, uuid } from "./neutron-under-test.ts";

let neutron: NeutronUnderTest;

beforeEach(async () => void (neutron = await NeutronUnderTest.start()));
afterEach(() => neutron[Symbol.asyncDispose]());

test.each(["/agents", "/network-ip-availabilities", `/agents/${uuid(1)}`])("%s is for administrators", async (url) => {
  const answer = await neutron.call("GET", url, undefined, { as: "alice" });
  expect(answer).toMatchObject({ status: 403, body: fault("PolicyNotAuthorized") });
});

describe("agents", () => {
  const hypervisor = (key: string, host: string, state: "ready" | "lost"): HypervisorStatus => ({
    key,
    node: { type: "OVS", id: host, address: null, port: null },
    systemId: key,
    connection: "dialled tcp:192.0.2.7:6640",
    certificate: null,
    state,
    reason: "so it is",
    tunnelEndpoint: parseIpv4("192.0.2.7"),
    realised: 3 as Revision,
    bridges: [{ name: "br-int", dpid: "0000000000000001", connected: true, flows: 9, desiredFlows: 9 }],
    counters: {} as HypervisorStatus["counters"],
    drift: noDrift,
  });

  beforeEach(() => {
    neutron.hypervisors = [hypervisor(uuid(1), "host-1", "ready"), hypervisor(uuid(2), "host-2", "lost")];
  });

  test("are hypervisors, alive when they are ready", async () => {
    expect(await neutron.show(`/agents/${uuid(1)}`)).toMatchObject({
      ...{ id: uuid(1), agent_type: "Open vSwitch agent", host: "host-1", alive: true, admin_state_up: true },
      ...{ description: "ready: so it is", heartbeat_timestamp: expect.stringMatching(/Z$/) as unknown },
      configurations: { tunneling_ip: "192.0.2.7", bridges: ["br-int"], realised: 3 },
    });
    expect(await neutron.show(`/agents/${uuid(2)}`)).toMatchObject({ alive: false, heartbeat_timestamp: null });
  });

  test("are found by what they are", async () => {
    const { body } = await neutron.call("GET", "/agents?alive=True&host=host-1&fields=id");
    expect(body).toEqual({ agents: [{ id: uuid(1) }] });
    const missing = await neutron.call("GET", `/agents/${uuid(3)}`);
    expect(missing).toMatchObject({ status: 404, body: fault("AgentNotFound") });
  });
});

test("a network says how many addresses it has to give, and how many are given", async () => {
  const network = await neutron.make("network", { name: "net" });
  const pools = [{ start: "10.1.0.10", end: "10.1.0.19" }];
  const four = { network_id: network.id, ip_version: 4, cidr: "10.1.0.0/24", allocation_pools: pools };
  const { id } = await neutron.make("subnet", { ...four, name: "four" });
  await neutron.make("subnet", { network_id: network.id, ip_version: 6, cidr: "2001:db8::/64" });
  await neutron.make("port", { network_id: network.id });
  const shown = await neutron.show(`/network-ip-availabilities/${network.id}`);
  const subnet = { subnet_id: id, subnet_name: "four", cidr: "10.1.0.0/24", ip_version: 4, total_ips: 10, used_ips: 1 };
  expect(shown).toMatchObject({ network_id: network.id, network_name: "net", project_id: uuid(0xad), used_ips: 2 });
  expect(shown["subnet_ip_availability"]).toContainEqual(subnet);
  await neutron.make("network", { name: "other" });
  const ofSix = await neutron.call("GET", "/network-ip-availabilities?ip_version=6&fields=network_name");
  expect(ofSix.body).toEqual({ network_ip_availabilities: [{ network_name: "net" }] });
});
