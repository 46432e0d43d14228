import { expectThat } from "../expectation.ts";
import { idOf } from "../cloudstack-client.ts";
import type { Outcome, World } from "../story.ts";

/** What the administrator has set up for users. */
export interface Zone {
  readonly zoneId: string;
  readonly hostIds: readonly string[];
  readonly networkOfferingId: string;
  readonly serviceOfferingId: string;
  readonly templateId: string;
}

/**
 * The administrator makes a zone with a physical network of isolation ODL, adds the controller to it, enables the
 * provider, and makes the offerings.
 */
export async function zoneIsMade(world: World): Promise<Outcome<Zone>> {
  const { cloud, lab } = world;
  const zone = idOf(
    await cloud.call("createZone", {
      name: "zone1",
      networktype: "Advanced",
      dns1: "192.0.2.53",
      internaldns1: "192.0.2.53",
    }),
    "zone",
  );
  const pod = idOf(
    await cloud.call("createPod", {
      name: "pod1",
      zoneid: zone,
      gateway: "10.9.0.254",
      netmask: "255.255.255.0",
      startip: "10.9.0.1",
    }),
    "pod",
  );
  const cluster = idOf(
    await cloud.call("addCluster", {
      clustername: "cluster1",
      clustertype: "CloudManaged",
      hypervisor: "KVM",
      podid: pod,
      zoneid: zone,
    }),
    "cluster",
  );
  const hostIds: string[] = [];
  for (const hypervisor of lab.hypervisors) {
    const answer = await cloud.call("addHost", {
      hypervisor: "KVM",
      zoneid: zone,
      podid: pod,
      clusterid: cluster,
      url: `http://${hypervisor.address}`,
      username: "root",
      password: "unused",
      "externaldetails[0].libvirturi": hypervisor.libvirtUri,
      "externaldetails[0].domaintype": lab.domainType,
    });
    hostIds.push(idOf(answer, "host"));
  }
  const provider = await makeProvider(world, zone);
  const offerings = await makeOfferings(world, zone);
  return {
    result: { zoneId: zone, hostIds, ...offerings },
    evidence: { hosts: hostIds.length, isolation: "ODL", provider },
  };
}

/** The physical network of isolation ODL, the controller on it, and the provider, enabled. */
export async function makeProvider({ cloud, controllerServer }: World, zone: string): Promise<string> {
  const physicalNetwork = idOf(
    await cloud.run("createPhysicalNetwork", { name: "overlay", zoneid: zone, isolationmethods: "ODL" }),
    "physicalnetwork",
  );
  await cloud.run("addTrafficType", {
    physicalnetworkid: physicalNetwork,
    traffictype: "Guest",
    kvmnetworklabel: "br-int",
  });
  const provider = idOf(
    await cloud.run("addNetworkServiceProvider", { physicalnetworkid: physicalNetwork, name: "Opendaylight" }),
    "networkserviceprovider",
  );
  const administrator = await controllerServer.administrator();
  await cloud.run("addOpenDaylightController", {
    physicalnetworkid: physicalNetwork,
    url: controllerServer.url,
    username: administrator.name,
    password: administrator.password,
  });
  await cloud.run("updateNetworkServiceProvider", { id: provider, state: "Enabled" });
  await cloud.run("updatePhysicalNetwork", { id: physicalNetwork, state: "Enabled" });
  const [listed] = await cloud.list("listNetworkServiceProviders", "networkserviceprovider", {
    physicalnetworkid: physicalNetwork,
    name: "Opendaylight",
  });
  expectThat(listed?.["state"] === "Enabled", "state of the provider Opendaylight", "Enabled", listed?.["state"]);
  return "Opendaylight: Enabled";
}

async function makeOfferings({ cloud, lab }: World, zone: string): Promise<Omit<Zone, "zoneId" | "hostIds">> {
  const networkOfferingId = idOf(
    await cloud.call("createNetworkOffering", {
      name: "isolated-overlay",
      displaytext: "Isolated network over the overlay",
      guestiptype: "Isolated",
      traffictype: "GUEST",
      supportedservices: "Connectivity,Dhcp",
      "serviceproviderlist[0].service": "Connectivity",
      "serviceproviderlist[0].provider": "Opendaylight",
      "serviceproviderlist[1].service": "Dhcp",
      "serviceproviderlist[1].provider": "Opendaylight",
    }),
    "networkoffering",
  );
  await cloud.call("updateNetworkOffering", { id: networkOfferingId, state: "Enabled" });
  const serviceOffering = await cloud.call("createServiceOffering", {
    name: "tiny",
    displaytext: "1 CPU, 128 MiB",
    cpunumber: "1",
    cpuspeed: "500",
    memory: "128",
  });
  const template = await cloud.call("registerTemplate", {
    name: "lab-guest",
    displaytext: "Debian kernel with a small initramfs",
    format: "KERNEL",
    hypervisor: "KVM",
    zoneid: zone,
    url: `file://${lab.guestImage.kernel}`,
    "details[0].initrd": `file://${lab.guestImage.initrd}`,
  });
  return {
    networkOfferingId,
    serviceOfferingId: idOf(serviceOffering, "serviceoffering"),
    templateId: idOf(template, "template"),
  };
}
