import { expectThat, sameJson } from "../expectation.ts";
import type { Outcome, World } from "../story.ts";

/** Two hypervisors run Open vSwitch and libvirt, and nothing is prepared on them. */
export async function hypervisorsRun({ lab }: World): Promise<Outcome<undefined>> {
  const hypervisors = await Promise.all(
    lab.hypervisors.map(async (hypervisor) => {
      const bridges = (await hypervisor.vsctl("list-br")).trim().split("\n");
      expectThat(sameJson(bridges, ["br-phy"]), `bridges of ${hypervisor.name}`, ["br-phy"], bridges);
      const openVswitch = /\d[\d.]+/.exec(await hypervisor.vsctl("--version"))?.[0];
      return { name: hypervisor.name, address: hypervisor.address, openVswitch, bridges };
    }),
  );
  return { result: undefined, evidence: { hypervisors } };
}
