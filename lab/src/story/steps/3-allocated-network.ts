import { connectionManager } from "../controller-client.ts";
import { expectThat, sameJson } from "../expectation.ts";
import { makeNetwork, networkState } from "../networks.ts";
import type { Outcome, World } from "../story.ts";
import type { Zone } from "./2-zone.ts";

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

/** What the controller knows, and what stands in the hypervisors' databases. */
async function everywhere({ controller, lab }: World): Promise<object> {
  const [networks, nodes, ...databases] = await Promise.all([
    controller.list("networks"),
    controller.get<object>(`${connectionManager}/nodes`),
    ...lab.hypervisors.map(async (hypervisor) => (await hypervisor.vsctl("show")).trim()),
  ]);
  return { networks, nodes, databases };
}
