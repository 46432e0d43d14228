import { expectThat } from "../expectation.ts";
import { deploy, type Instance } from "../instances.ts";
import type { Outcome, World } from "../story.ts";
import type { Zone } from "./2-zone.ts";
import { networkState } from "./3-allocated-network.ts";

/** A hypervisor as the controller's own API tells it. */
export interface NodeView {
  readonly key: string;
  readonly state: string;
  readonly reason: string;
  readonly node: { readonly address: string };
  readonly bridges: readonly { readonly name: string; readonly connected: boolean; readonly flows: number }[];
  readonly counters: { readonly flowModsSent: number; readonly driftRepaired: number };
}

/**
 * The first instance lands on the first hypervisor: only now is that hypervisor connected, and the network implemented.
 */
export async function firstInstanceRuns(world: World, zone: Zone, network: string): Promise<Outcome<Instance>> {
  const [, second] = world.lab.hypervisors;
  const untouched = await second?.vsctl("show");
  const states: string[] = [];
  const instance = await deploy(world, zone, { name: "a1", network, host: 0, address: "192.168.0.11" }, async () => {
    const state = String(await networkState(world, network));
    if (states.at(-1) !== state) states.push(state);
  });
  const state = String(await networkState(world, network));
  if (states.at(-1) !== state) states.push(state);
  expectThat(
    states.includes("Implementing") && state === "Implemented",
    "states of the network",
    ["Implementing", "Implemented"],
    states,
  );
  const nodes = await connectedNodes(world);
  expectThat(
    nodes.length === 1 && nodes[0]?.node.address === instance.hypervisor.address,
    "connected nodes",
    [instance.hypervisor.address],
    nodes,
  );
  expectThat(
    (await second?.vsctl("show")) === untouched,
    "the database of the second hypervisor",
    untouched,
    "another",
  );
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
      networkStates: states,
      connected: nodes.map(nodeInWords),
      bridges,
      patch: "patch-tun ─ patch-int",
      port: await portStatus(world, instance),
    },
  };
}

export async function connectedNodes({ controller }: World): Promise<readonly NodeView[]> {
  return (await controller.get<{ hypervisors: readonly NodeView[] }>("/api/v1/hypervisors")).hypervisors;
}

export async function portStatus({ controller }: World, instance: Instance): Promise<string> {
  const { port } = await controller.get<{ port: { status: string } }>(
    `/controller/nb/v2/neutron/ports/${instance.portId}`,
  );
  expectThat(port.status === "ACTIVE", `status of the port of ${instance.name}`, "ACTIVE", port.status);
  return port.status;
}

function nodeInWords(node: NodeView): string {
  return `${node.node.address}: ${node.state}, ${node.bridges.map((bridge) => `${bridge.name} ${bridge.flows} flows`).join(", ")}`;
}
