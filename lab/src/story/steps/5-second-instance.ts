import { expectThat } from "../expectation.ts";
import { deploy, type Instance } from "../instances.ts";
import type { Outcome, World } from "../story.ts";
import type { Zone } from "./2-zone.ts";
import { assertActive } from "./4-first-instance.ts";

/**
 * The second instance lands on the second hypervisor: now there is a tunnel, and the flows that these two addresses
 * need.
 */
export async function secondInstanceRuns(
  world: World,
  zone: Zone,
  network: string,
  first: Instance,
): Promise<Outcome<Instance>> {
  const second = await deploy(world, zone, { name: "a2", network, host: 1, address: "192.168.0.12" });
  const nodes = await world.controller.hypervisors();
  expectThat(nodes.length === 2 && nodes.every((node) => node.state === "ready"), "nodes", "two, ready", nodes);
  const tunnels = await Promise.all(
    [first, second].map(async ({ hypervisor }) =>
      (await hypervisor.vsctl("--bare", "--columns=name,type,options", "find", "Interface", "type=vxlan")).trim(),
    ),
  );
  expectThat(
    tunnels.every((tunnel) => tunnel.includes("remote_ip=flow")),
    "tunnel ports",
    "one flow-based VXLAN port each",
    tunnels,
  );
  const flows = await Promise.all(nodes.map(({ key }) => world.controller.flows(key)));
  const pair = flows.flat().filter(({ owner }) => owner.includes(first.portId) || owner.includes(second.portId));
  const dumps = await Promise.all(
    world.lab.hypervisors.flatMap((hypervisor) =>
      ["br-int", "br-tun"].map(async (bridge) => hypervisor.ofctl("dump-flows", bridge)),
    ),
  );
  expectThat(!dumps.some((dump) => /NORMAL|FLOOD/.test(dump)), "NORMAL or FLOOD actions", "none", "some");
  return {
    result: second,
    evidence: {
      tunnels: tunnels.map((tunnel) => tunnel.replace(/\s+/g, " ")),
      port: await assertActive(world, second),
      flowsOfThePair: pair.length,
      inWords: [...new Set(pair.map(({ bridge, why }) => `${bridge}: ${why}`))],
    },
  };
}
