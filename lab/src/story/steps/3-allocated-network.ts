import { expectThat, sameJson } from "../expectation.ts";
import type { Outcome, World } from "../story.ts";
import type { Zone } from "./2-zone.ts";
import { id } from "./2-zone.ts";

/** A user makes a network. It is Allocated, and nothing is touched anywhere. */
export async function networkIsAllocated(world: World, zone: Zone): Promise<Outcome<string>> {
  const before = await everywhere(world);
  const network = await makeNetwork(world, zone, "tenant-a");
  const state = await networkState(world, network);
  expectThat(state === "Allocated", "state of the new network", "Allocated", state);
  const after = await everywhere(world);
  expectThat(sameJson(before, after), "controller and hypervisors after createNetwork", before, after);
  return {
    result: network,
    evidence: { network, state, touched: "nothing: controller and both databases are as before" },
  };
}

export async function makeNetwork({ cloud }: World, zone: Zone, name: string): Promise<string> {
  const answer = await cloud.call("createNetwork", {
    name,
    displaytext: name,
    networkofferingid: zone.networkOfferingId,
    zoneid: zone.zoneId,
    gateway: "192.168.0.1",
    netmask: "255.255.255.0",
  });
  return id(answer, "network");
}

export async function networkState({ cloud }: World, network: string): Promise<unknown> {
  const [listed] = await cloud.list("listNetworks", "network", { id: network });
  return listed?.["state"];
}

/** What the controller knows, and what stands in the hypervisors' databases. */
async function everywhere({ controller, lab }: World): Promise<object> {
  const [networks, nodes, ...databases] = await Promise.all([
    controller.get<object>("/controller/nb/v2/neutron/networks"),
    controller.get<object>("/controller/nb/v2/connectionmanager/nodes"),
    ...lab.hypervisors.map(async (hypervisor) => (await hypervisor.vsctl("show")).trim()),
  ]);
  return { networks, nodes, databases };
}
