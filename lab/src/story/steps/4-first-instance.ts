import { hypervisorAt } from "../../lab.ts";
import type { HypervisorView } from "../controller-client.ts";
import { expectThat } from "../expectation.ts";
import { deploy, type Instance } from "../instances.ts";
import { networkState } from "../networks.ts";
import type { Outcome, World } from "../story.ts";
import type { Zone } from "./2-zone.ts";

/**
 * The first instance lands on the first hypervisor: only now is that hypervisor connected, and the network implemented.
 */
export async function firstInstanceRuns(world: World, zone: Zone, network: string): Promise<Outcome<Instance>> {
  const second = hypervisorAt(world.lab, 1);
  const untouched = await second.vsctl("show");
  const instance = await deploy(world, zone, { name: "a1", network, host: 0, address: "192.168.0.11" });
  const networkEvents = await eventsOf(world, network);
  expectThat(
    networkEvents.some((event) => event.includes("is Implementing")),
    "events of the network",
    "one that says that it is Implementing",
    networkEvents,
  );
  const state = await networkState(world, network);
  expectThat(state === "Implemented", "state of the network", "Implemented", state);
  const nodes = await world.controller.hypervisors();
  expectThat(
    nodes.length === 1 && nodes[0]?.node.address === instance.hypervisor.address,
    "connected nodes",
    [instance.hypervisor.address],
    nodes,
  );
  expectThat((await second.vsctl("show")) === untouched, "the database of the second hypervisor", untouched, "another");
  const bridges = (await instance.hypervisor.vsctl("list-br")).trim().split("\n");
  expectThat(
    ["br-int", "br-tun"].every((name) => bridges.includes(name)),
    "bridges of the first hypervisor",
    ["br-int", "br-tun"],
    bridges,
  );
  const peer = (await instance.hypervisor.vsctl("get", "Interface", "patch-tun", "options:peer")).trim();
  expectThat(peer.includes("patch-int"), "peer of patch-tun", "patch-int", peer);
  return {
    result: instance,
    evidence: {
      networkState: state,
      networkEvents,
      connected: nodes.map(nodeInWords),
      bridges,
      patch: "patch-tun ─ patch-int",
      port: await assertActive(world, instance),
      lease: instance.lease,
    },
  };
}

/** What the cloud says happened to an object, oldest first. A state that lasts a moment is in it, too. */
async function eventsOf({ cloud }: World, resourceid: string): Promise<readonly string[]> {
  const newestFirst = await cloud.list("listEvents", "event", { resourceid });
  return newestFirst.map(({ description }) => String(description)).toReversed();
}

/** The status of an instance's port, which has to be ACTIVE. @throws LAB__EXPECTATION_FAILED */
export async function assertActive({ controller }: World, instance: Instance): Promise<string> {
  const status = await controller.portStatus(instance.portId);
  expectThat(status === "ACTIVE", `status of the port of ${instance.name}`, "ACTIVE", status);
  return status;
}

function nodeInWords(node: HypervisorView): string {
  return `${node.node.address}: ${node.state}, ${node.bridges.map((bridge) => `${bridge.name} ${bridge.flows} flows`).join(", ")}`;
}
