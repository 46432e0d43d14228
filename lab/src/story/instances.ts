import { hypervisorAt, type LabHypervisor } from "../lab.ts";
import { type Guest, labGuest } from "../guest.ts";
import type { Answer } from "./cloudstack-client.ts";
import { expectThat } from "./expectation.ts";
import type { World } from "./story.ts";
import type { Zone } from "./steps/2-zone.ts";

/** An instance of the cloud, and its guest as its own console sees it. */
export interface Instance {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly mac: string;
  readonly portId: string;
  readonly hypervisor: LabHypervisor;
  readonly guest: Guest;
  /** What it was told by DHCP, and the address that it has. */
  readonly lease: string;
}

export interface Deployment {
  readonly name: string;
  readonly network: string;
  /** Which hypervisor, counted from 0. */
  readonly host: number;
  readonly address: string;
}

const bootLimitMs = 60_000;

/** Deploys an instance through the cloud and waits until its guest answers. `watch` is called while the job runs. */
export async function deploy(
  world: World,
  zone: Zone,
  deployment: Deployment,
  watch?: () => Promise<void>,
): Promise<Instance> {
  const result = await world.cloud.run(
    "deployVirtualMachine",
    {
      name: deployment.name,
      displayname: deployment.name,
      zoneid: zone.zoneId,
      serviceofferingid: zone.serviceOfferingId,
      templateid: zone.templateId,
      networkids: deployment.network,
      hostid: zone.hostIds[deployment.host] ?? "",
      ipaddress: deployment.address,
    },
    watch,
  );
  const machine = result["virtualmachine"] as Answer;
  const nic = (machine["nic"] as readonly Answer[])[0] ?? {};
  const hypervisor = hypervisorAt(world.lab, deployment.host);
  const guest = labGuest(hypervisor, String(machine["instancename"]));
  await guest.ready(bootLimitMs);
  const lease = await leaseOf(guest);
  return {
    id: String(machine["id"]),
    name: deployment.name,
    address: String(nic["ipaddress"]),
    mac: String(nic["macaddress"]),
    portId: String(nic["id"]),
    hypervisor,
    guest,
    lease,
  };
}

/** The guest's agent answers once it has its address, unless DHCP didn't answer. @throws LAB__EXPECTATION_FAILED */
async function leaseOf(guest: Guest): Promise<string> {
  const { exitCode, stdout } = await guest.run("cat /run/lease-eth0; ip -o -4 address show dev eth0");
  const lease = stdout.trim().replaceAll(/\s+/g, " ");
  expectThat(exitCode === 0 && lease.includes("event=bound"), "lease of a guest", "one from DHCP", lease);
  return lease;
}
