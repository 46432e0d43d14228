import { FakeClock } from "@loomstack/testkit";
import { expect, test } from "vitest";
import { ApiUnderTest } from "./cloudstack-under-test.ts";

test("an administrator sets up a zone; a user has a network and an instance there and gives them back", async () => {
  await using api = await ApiUnderTest.start(new FakeClock());
  const text = (value: unknown): string => String(value);

  const zone = await api.ok(
    "createZone",
    { name: "z1", networktype: "Advanced", dns1: "192.0.2.53", internaldns1: "192.0.2.53" },
    "zone",
  );
  const zoneid = text(zone["id"]);
  const pod = await api.ok(
    "createPod",
    { zoneid, name: "p1", gateway: "192.0.2.254", netmask: "255.255.255.0", startip: "192.0.2.100" },
    "pod",
  );
  const podid = text(pod["id"]);
  const clusterParams = { zoneid, podid, clustername: "c1", clustertype: "CloudManaged", hypervisor: "KVM" };
  const cluster = await api.ok("addCluster", clusterParams, "cluster");
  const host = await api.ok(
    "addHost",
    {
      zoneid,
      podid,
      clusterid: text(cluster["id"]),
      hypervisor: "KVM",
      url: "http://192.0.2.1",
      username: "root",
      password: "x",
      "externaldetails[0].libvirturi": "qemu+unix:///system?socket=/run/192.0.2.1/libvirt-sock",
      "externaldetails[0].domaintype": "qemu",
    },
    "host",
  );
  expect(host).toMatchObject({
    state: "Up",
    ipaddress: "192.0.2.1",
    clustername: "c1",
    details: { domaintype: "qemu" },
  });

  const physical = await api.done(
    "createPhysicalNetwork",
    { zoneid, name: "pn1", isolationmethods: "ODL" },
    "physicalnetwork",
  );
  const physicalnetworkid = text(physical["id"]);
  expect(physical).toMatchObject({ state: "Disabled", isolationmethods: "ODL" });
  await api.done(
    "addTrafficType",
    { physicalnetworkid, traffictype: "Guest", kvmnetworklabel: "br-int" },
    "traffictype",
  );
  const provider = await api.done(
    "addNetworkServiceProvider",
    { physicalnetworkid, name: "Opendaylight" },
    "networkserviceprovider",
  );
  const credentials = { username: "admin", password: "controller-secret" };
  const controller = await api.done(
    "addOpenDaylightController",
    { physicalnetworkid, url: "http://192.0.2.9:8181/", ...credentials },
    "opendaylightcontroller",
  );
  expect(controller).toEqual({
    id: controller["id"],
    name: expect.any(String) as string,
    physicalnetworkid,
    url: "http://192.0.2.9:8181",
    username: "admin",
  });
  await api.done(
    "updateNetworkServiceProvider",
    { id: text(provider["id"]), state: "Enabled" },
    "networkserviceprovider",
  );
  await api.done("updatePhysicalNetwork", { id: physicalnetworkid, state: "Enabled" }, "physicalnetwork");
  const offering = await api.ok(
    "createNetworkOffering",
    {
      name: "isolated",
      displaytext: "d",
      guestiptype: "Isolated",
      traffictype: "GUEST",
      availability: "Optional",
      supportedservices: "Connectivity",
      "serviceproviderlist[0].service": "Connectivity",
      "serviceproviderlist[0].provider": "Opendaylight",
    },
    "networkoffering",
  );
  expect(offering["state"]).toBe("Disabled");
  const networkofferingid = text(offering["id"]);
  await api.ok("updateNetworkOffering", { id: networkofferingid, state: "Enabled" }, "networkoffering");
  const size = await api.ok(
    "createServiceOffering",
    { name: "small", displaytext: "d", cpunumber: 1, cpuspeed: 500, memory: 128 },
    "serviceoffering",
  );
  const templates = await api.send("registerTemplate", {
    name: "t",
    displaytext: "d",
    format: "KERNEL",
    hypervisor: "KVM",
    url: "file:///boot/vmlinuz",
    "details[0].initrd": "file:///boot/initrd",
    ostypeid: "x",
  });
  const [template] = templates.body["template"] as { id: string }[];

  api.calls.length = 0;
  const network = await api.ok("createNetwork", { name: "n1", displaytext: "d", networkofferingid, zoneid }, "network");
  expect(network).toMatchObject({
    state: "Allocated",
    cidr: "10.1.1.0/24",
    gateway: "10.1.1.1",
    broadcastdomaintype: "OpenDaylight",
    account: "admin",
  });
  expect(network).not.toHaveProperty("broadcasturi");
  expect(api.calls).toEqual([]);

  const deploy = {
    name: "web",
    serviceofferingid: text(size["id"]),
    templateid: template?.id ?? "",
    zoneid,
    networkids: text(network["id"]),
    ipaddress: "10.1.1.20",
  };
  const machine = await api.done("deployVirtualMachine", deploy, "virtualmachine");
  expect(machine).toMatchObject({
    state: "Running",
    hostname: "192.0.2.1",
    ipaddress: "10.1.1.20",
    memory: 128,
    templateformat: "KERNEL",
  });
  const [nic] = machine["nic"] as { id: string; macaddress: string }[];
  expect(api.calls).toEqual([`network ${text(network["id"])}`, "host 192.0.2.1", `port ${nic?.id ?? ""}`, "active"]);
  expect([...api.domains.keys()]).toEqual([machine["id"]]);
  const listed = await api.send("listNetworks", { id: text(network["id"]) });
  expect(listed.body).toMatchObject({
    count: 1,
    network: [{ state: "Implemented", broadcasturi: `opendaylight://${text(network["id"])}` }],
  });
  expect((await api.send("listNics", { virtualmachineid: text(machine["id"]) })).body["nic"]).toMatchObject([
    { ipaddress: "10.1.1.20", deviceid: "0", isdefault: true },
  ]);

  const again = await api.send("deployVirtualMachine", { ...deploy, name: "web2" });
  expect(again).toMatchObject({
    status: 431,
    body: { cserrorcode: 4350, errortext: expect.stringContaining("10.1.1.20 is used") as string },
  });

  const id = text(machine["id"]);
  expect(await api.done("stopVirtualMachine", { id }, "virtualmachine")).toMatchObject({ state: "Stopped" });
  expect(await api.done("startVirtualMachine", { id }, "virtualmachine")).toMatchObject({
    state: "Running",
    ipaddress: "10.1.1.20",
  });
  const inUse = await api.send("deleteNetwork", { id: text(network["id"]) });
  expect(inUse).toMatchObject({ status: 536, key: "deletenetworkresponse" });
  await api.job("destroyVirtualMachine", { id, expunge: "true" });
  expect((await api.send("listVirtualMachines")).body).toEqual({});
  expect(await api.job("deleteNetwork", { id: text(network["id"]) })).toMatchObject({
    jobstatus: 1,
    jobresult: { success: true },
  });
  expect((await api.send("listNetworks")).body).toEqual({});
  expect(api.domains.size).toBe(0);

  const events = (await api.send("listEvents", { pagesize: 100, page: 1 })).body["event"] as { type: string }[];
  expect(events.map(({ type }) => type)).toEqual(
    expect.arrayContaining(["VM.START", "VM.STOP", "VM.EXPUNGE", "NETWORK.IMPLEMENT", "NETWORK.DELETE"]),
  );
  const secrets = await api.store.db.selectFrom("jobs").select(["payload", "result"]).execute();
  expect(JSON.stringify(secrets)).not.toContain("controller-secret");
});

test("a controller that doesn't answer is refused by the job, with the reason, and isn't listed", async () => {
  await using api = await ApiUnderTest.start(new FakeClock());
  const zone = await api.ok(
    "createZone",
    { name: "z1", networktype: "Advanced", dns1: "192.0.2.53", internaldns1: "192.0.2.53" },
    "zone",
  );
  const physical = await api.done(
    "createPhysicalNetwork",
    { zoneid: String(zone["id"]), name: "pn1", isolationmethods: "ODL" },
    "physicalnetwork",
  );
  const physicalnetworkid = String(physical["id"]);
  await api.done("addNetworkServiceProvider", { physicalnetworkid, name: "Opendaylight" }, "networkserviceprovider");
  const job = await api.job("addOpenDaylightController", {
    physicalnetworkid,
    url: "http://dead:8181",
    username: "a",
    password: "b",
  });
  expect(job).toMatchObject({
    jobstatus: 2,
    jobresultcode: 530,
    jobresult: { errorcode: 530, errortext: expect.stringContaining("ECONNREFUSED") as string },
  });
  expect((await api.send("listOpenDaylightControllers", { physicalnetworkid })).body).toEqual({});
});

test("a host that doesn't answer isn't added", async () => {
  await using api = await ApiUnderTest.start(new FakeClock());
  const zone = await api.ok(
    "createZone",
    { name: "z1", networktype: "Advanced", dns1: "192.0.2.53", internaldns1: "192.0.2.53" },
    "zone",
  );
  const zoneid = String(zone["id"]);
  const pod = await api.ok("createPod", { zoneid, name: "p1" }, "pod");
  const podid = String(pod["id"]);
  await api.ok(
    "addCluster",
    { zoneid, podid, clustername: "c1", clustertype: "CloudManaged", hypervisor: "KVM" },
    "cluster",
  );
  const answer = await api.send("addHost", { zoneid, podid, hypervisor: "KVM", url: "http://203.0.113.1" });
  expect(answer).toMatchObject({
    status: 534,
    body: { errortext: expect.stringContaining("host 203.0.113.1 can't be used") as string },
  });
  expect((await api.send("listHosts")).body).toEqual({});
});
