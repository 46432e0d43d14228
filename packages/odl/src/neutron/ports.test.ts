import type { PortStatus } from "@loomstack/model";
import { expect, test } from "vitest";
import { active, down, type Fakes, neutron, type OdlUnderTest, odlUnderTest, uuid } from "../odl-under-test.ts";

const url = `${neutron}/ports`;
const port = { id: uuid(3), network_id: uuid(1), mac_address: "02:00:00:00:00:03" };

/** Network 1 with the subnet 2 (10.1.0.0/24) and network 11 with none. */
async function withSubnet(fakes: Fakes = { realised: { port: () => down } }): Promise<OdlUnderTest> {
  const odl = await odlUnderTest(fakes);
  await odl.call("POST", `${neutron}/networks`, { networks: [{ id: uuid(1) }, { id: uuid(11) }] });
  await odl.call("POST", `${neutron}/subnets`, { subnet: { id: uuid(2), network_id: uuid(1), cidr: "10.1.0.0/24" } });
  return odl;
}

test("a port is made as asked for, gets an address, and can be shown and listed", async () => {
  await using odl = await withSubnet();
  const given = {
    ...port,
    name: "eth0",
    tenant_id: "t",
    device_id: "vm",
    device_owner: "compute:x",
    admin_state_up: false,
  };
  const answer = await odl.call("POST", url, { port: given });
  const made = {
    ...given,
    fixed_ips: [{ subnet_id: uuid(2), ip_address: "10.1.0.2" }],
    port_security_enabled: true,
    allowed_address_pairs: [],
    dns_name: "",
    status: "DOWN",
    status_reason: "no hypervisor has its interface",
  };
  expect([answer.status, answer.body]).toEqual([201, { port: made }]);
  expect((await odl.call("GET", `${url}/${uuid(3)}`)).body).toEqual({ port: made });
  expect((await odl.call("GET", `${url}?device_id=vm&mac_address=${port.mac_address}`)).body).toEqual({
    ports: [made],
  });
  expect((await odl.call("GET", `${url}?device_id=other`)).body).toEqual({ ports: [] });
});

test("a port's name is told back in lower case, may be taken away, and is given once in a network", async () => {
  await using odl = await withSubnet();
  const made = await odl.call("POST", url, { port: { ...port, dns_name: "Web" } });
  expect(made).toMatchObject({ status: 201, body: { port: { dns_name: "web" } } });
  const other = { ...port, id: uuid(4), mac_address: "02:00:00:00:00:04", dns_name: "wEB" };
  expect((await odl.call("POST", url, { port: other })).status).toBe(409);
  const put = await odl.call("PUT", `${url}/${uuid(3)}`, { port: { dns_name: "" } });
  expect(put).toMatchObject({ status: 200, body: { port: { dns_name: "" } } });
  expect((await odl.call("POST", url, { port: other })).status).toBe(201);
  expect((await odl.call("PUT", `${url}/${uuid(3)}`, { port: { dns_name: "a_b" } })).status).toBe(400);
});

test("the status is what the hypervisors say, whatever the client says", async () => {
  let status: PortStatus = down;
  await using odl = await withSubnet({ realised: { port: () => status } });
  const answer = await odl.call("POST", url, { port: { ...port, status: "ACTIVE" } });
  expect(answer.body).toMatchObject({ port: { status: "DOWN" } });
  status = active;
  expect((await odl.call("GET", `${url}/${uuid(3)}`)).body).toMatchObject({
    port: { status: "ACTIVE", status_reason: "packets pass" },
  });
  expect((await odl.call("GET", `${url}?status=ACTIVE&fields=id`)).body).toEqual({ ports: [{ id: uuid(3) }] });
});

test.each([
  ["left out", undefined, ["10.1.0.2"]],
  ["an empty list", [], []],
  ["a subnet", [{ subnet_id: uuid(2) }], ["10.1.0.2"]],
  ["an address", [{ ip_address: "10.1.0.77" }], ["10.1.0.77"]],
  ["both", [{ subnet_id: uuid(2), ip_address: "10.1.0.77" }], ["10.1.0.77"]],
])("with fixed_ips %s, the addresses follow", async (_, fixed_ips, addresses) => {
  await using odl = await withSubnet();
  const answer = await odl.call("POST", url, { port: { ...port, fixed_ips } });
  expect(answer.body).toMatchObject({
    port: { fixed_ips: addresses.map((ip_address) => ({ subnet_id: uuid(2), ip_address })) },
  });
});

test.each([
  ["an unknown network", { network_id: uuid(9) }, 404],
  ["no network", { network_id: undefined }, 400],
  ["no MAC address", { mac_address: undefined }, 400],
  ["a MAC address that is none", { mac_address: "02:00:00:00:00" }, 400],
  ["a group MAC address", { mac_address: "ff:ff:ff:ff:ff:ff" }, 400],
  ["a MAC address in use", { mac_address: "02:00:00:00:00:03" }, 409],
  ["an address in use", { fixed_ips: [{ ip_address: "10.1.0.2" }] }, 409],
  ["an address elsewhere", { fixed_ips: [{ ip_address: "192.0.2.2" }] }, 400],
  ["the gateway's address", { fixed_ips: [{ ip_address: "10.1.0.1" }] }, 400],
  ["an address that is none", { fixed_ips: [{ ip_address: "10.1.0" }] }, 400],
  ["an address of no kind", { fixed_ips: [{}] }, 400],
  ["a subnet of another network", { network_id: uuid(11), fixed_ips: [{ subnet_id: uuid(2) }] }, 400],
  ["an id that is there already", { id: uuid(3) }, 400],
  ["an id that is no UUID", { id: "x" }, 400],
  ["a member that we don't know", { security_groups: [uuid(5)] }, 400],
])("a POST with %s changes nothing", async (_, given, status) => {
  await using odl = await withSubnet();
  await odl.call("POST", url, { port });
  const before = await odl.dump();
  const answer = await odl.call("POST", url, {
    port: { ...port, id: uuid(4), mac_address: "02:00:00:00:00:04", ...given },
  });
  expect(answer).toMatchObject({ status, type: "text/html" });
  expect(await odl.dump()).toEqual(before);
});

test("of several ports that are asked for together, all are made or none", async () => {
  await using odl = await withSubnet();
  const second = { ...port, id: uuid(4), mac_address: "02:00:00:00:00:04" };
  const before = await odl.dump();
  expect((await odl.call("POST", url, { ports: [port, { ...second, mac_address: port.mac_address }] })).status).toBe(
    409,
  );
  expect((await odl.call("POST", url, { ports: [port, { ...second, network_id: uuid(9) }] })).status).toBe(404);
  expect(await odl.dump()).toEqual(before);
  const answer = await odl.call("POST", url, { ports: [port, second] });
  expect(answer).toMatchObject({ status: 201, body: { ports: [{ id: uuid(3) }, { id: uuid(4) }] } });
});

test("of two requests at the same time for one address, one is answered 201 and the other 409", async () => {
  await using odl = await withSubnet();
  const answers = await Promise.all(
    [3, 4].map((number) => {
      const mac_address = `02:00:00:00:00:0${number}`;
      return odl.call("POST", url, {
        port: { id: uuid(number), network_id: uuid(1), mac_address, fixed_ips: [{ ip_address: "10.1.0.9" }] },
      });
    }),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  expect((await odl.dump())["ports"]).toHaveLength(1);
});

test("a port is changed by what a PUT names", async () => {
  await using odl = await withSubnet();
  await odl.call("POST", url, { port });
  const change = {
    name: "n",
    mac_address: "02:00:00:00:00:99",
    device_id: "vm",
    fixed_ips: [{ ip_address: "10.1.0.50" }],
  };
  const answer = await odl.call("PUT", `${url}/${uuid(3)}`, { port: change });
  const fixed_ips = [{ subnet_id: uuid(2), ip_address: "10.1.0.50" }];
  expect(answer).toMatchObject({ status: 200, body: { port: { ...change, fixed_ips, network_id: uuid(1) } } });
});

test.each([
  ["an id", { id: uuid(3) }, 400],
  ["a tenant", { tenant_id: "t" }, 400],
  ["a status", { status: "ACTIVE" }, 400],
  ["another network", { network_id: uuid(11) }, 400],
  ["an address in use", { fixed_ips: [{ ip_address: "10.1.0.2" }] }, 409],
  ["a MAC address in use", { mac_address: "02:00:00:00:00:03" }, 409],
])("a PUT with %s changes nothing", async (_, given, status) => {
  await using odl = await withSubnet();
  await odl.call("POST", url, { ports: [port, { ...port, id: uuid(4), mac_address: "02:00:00:00:00:04" }] });
  const before = await odl.dump();
  expect((await odl.call("PUT", `${url}/${uuid(4)}`, { port: given })).status).toBe(status);
  expect(await odl.dump()).toEqual(before);
});

test.each(["GET", "PUT", "DELETE"] as const)("a %s of a port that isn't there is answered 404", async (method) => {
  await using odl = await withSubnet();
  expect((await odl.call(method, `${url}/${uuid(3)}`, method === "PUT" ? { port: {} } : undefined)).status).toBe(404);
});

test("a GET that prefers to wait is answered when the port has settled, and says that it waited", async () => {
  const settled = Promise.withResolvers<PortStatus>();
  let status: PortStatus = down;
  await using odl = await withSubnet({ realised: { port: () => status, portSettled: () => settled.promise } });
  await odl.call("POST", url, { port });
  const pending = odl.call("GET", `${url}/${uuid(3)}`, undefined, { prefer: "respond-async, wait=10" });
  status = active;
  settled.resolve(active);
  const answer = await pending;
  expect(answer).toMatchObject({ status: 200, body: { port: { status: "ACTIVE" } } });
  expect(answer.headers["preference-applied"]).toBe("wait=10");
  expect(odl.clock.waiting).toBe(0);
});

test("a GET that prefers to wait is answered when the time is up, which is thirty seconds at most", async () => {
  const asked = Promise.withResolvers<undefined>();
  const portSettled = (_: unknown, signal: AbortSignal): Promise<PortStatus> => {
    const aborted = Promise.withResolvers<PortStatus>();
    signal.addEventListener("abort", () => aborted.resolve(down));
    asked.resolve(undefined);
    return aborted.promise;
  };
  await using odl = await withSubnet({ realised: { port: () => down, portSettled } });
  await odl.call("POST", url, { port });
  let answered = false;
  const pending = odl
    .call("GET", `${url}/${uuid(3)}`, undefined, { prefer: "wait=600" })
    .finally(() => (answered = true));
  await asked.promise;
  odl.clock.turn(29_999);
  await odl.call("GET", `${neutron}/networks`);
  expect(answered).toBe(false);
  odl.clock.turn(1);
  const answer = await pending;
  expect(answer).toMatchObject({ status: 200, body: { port: { status: "DOWN" } } });
  expect(answer.headers["preference-applied"]).toBe("wait=30");
});

test.each(["", "wait", "wait=", "wait=-1", "wait=x", "return=minimal"])(
  "the preference %j is none to wait",
  async (prefer) => {
    await using odl = await withSubnet();
    await odl.call("POST", url, { port });
    const answer = await odl.call("GET", `${url}/${uuid(3)}`, undefined, { prefer });
    expect(answer.status).toBe(200);
    expect(answer.headers["preference-applied"]).toBeUndefined();
  },
);

test("a port that goes away while a client waits for it is answered 404", async () => {
  const settled = Promise.withResolvers<PortStatus>();
  const asked = Promise.withResolvers<undefined>();
  const portSettled = (): Promise<PortStatus> => {
    asked.resolve(undefined);
    return settled.promise;
  };
  await using odl = await withSubnet({ realised: { port: () => down, portSettled } });
  await odl.call("POST", url, { port });
  const pending = odl.call("GET", `${url}/${uuid(3)}`, undefined, { prefer: "wait=5" });
  await asked.promise;
  await odl.call("DELETE", `${url}/${uuid(3)}`);
  settled.resolve(down);
  expect((await pending).status).toBe(404);
});

test("a port's IPv6 address is told in its canonical form", async () => {
  await using odl = await withSubnet();
  await odl.call("POST", `${neutron}/subnets`, { subnet: { id: uuid(4), network_id: uuid(1), cidr: "2001:db8::/64" } });
  const fixed_ips = [{ ip_address: "2001:DB8:0:0::77" }, { subnet_id: uuid(2) }];
  const answer = await odl.call("POST", url, { port: { ...port, fixed_ips } });
  expect(answer.body).toMatchObject({
    port: { fixed_ips: [{ subnet_id: uuid(4), ip_address: "2001:db8::77" }, { ip_address: "10.1.0.2" }] },
  });
});

test("allowed address pairs are kept under Neutron's names; without a MAC address they have the port's", async () => {
  await using odl = await withSubnet();
  const allowed_address_pairs = [
    { ip_address: "10.1.0.0/28" },
    { ip_address: "2001:DB8::5", mac_address: "00:00:5E:00:01:01" },
  ];
  const answer = await odl.call("POST", url, { port: { ...port, allowed_address_pairs } });
  const told = [
    { mac_address: port.mac_address, ip_address: "10.1.0.0/28" },
    { mac_address: "00:00:5e:00:01:01", ip_address: "2001:db8::5" },
  ];
  expect(answer).toMatchObject({ status: 201, body: { port: { allowed_address_pairs: told } } });
  const macAddress = "02:00:00:00:00:aa";
  const moved = await odl.call("PUT", `${url}/${uuid(3)}`, { port: { mac_address: macAddress } });
  expect(moved.body).toMatchObject({ port: { allowed_address_pairs: [{ mac_address: macAddress }, told[1]] } });
  const gone = await odl.call("PUT", `${url}/${uuid(3)}`, { port: { allowed_address_pairs: null } });
  expect(gone.body).toMatchObject({ port: { allowed_address_pairs: [] } });
});

test("port security can be switched off, and not while a port has allowed address pairs", async () => {
  await using odl = await withSubnet();
  const pairs = [{ ip_address: "10.1.0.9" }];
  await odl.call("POST", url, { port: { ...port, allowed_address_pairs: pairs } });
  const put = (given: object): ReturnType<typeof odl.call> => odl.call("PUT", `${url}/${uuid(3)}`, { port: given });
  expect((await put({ port_security_enabled: false })).status).toBe(409);
  const off = await put({ port_security_enabled: false, allowed_address_pairs: [] });
  expect(off).toMatchObject({ status: 200, body: { port: { port_security_enabled: false } } });
  expect((await put({ allowed_address_pairs: pairs })).status).toBe(409);
});

test.each([
  ["without an address", [{ mac_address: "02:00:00:00:00:05" }]],
  ["with an address that is none", [{ ip_address: "10.1.0" }]],
  ["with a prefix that has host bits", [{ ip_address: "10.1.0.1/24" }]],
  ["with a MAC address that is none", [{ ip_address: "10.1.0.9", mac_address: "05" }]],
  ["with another member", [{ ip_address: "10.1.0.9", active: true }]],
  ["twice", [{ ip_address: "10.1.0.9" }, { ip_address: "10.1.0.9" }]],
  ["that are too many", Array.from({ length: 11 }, (_, index) => ({ ip_address: `10.1.0.${index + 1}` }))],
])("a pair %s is refused", async (_, allowed_address_pairs) => {
  await using odl = await withSubnet();
  const before = await odl.dump();
  expect((await odl.call("POST", url, { port: { ...port, allowed_address_pairs } })).status).toBe(400);
  expect(await odl.dump()).toEqual(before);
});
