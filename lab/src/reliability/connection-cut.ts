import { requireCommand } from "../process.ts";
import type { Lab, LabHypervisor } from "../lab.ts";

const cookie = "0xc07";

/**
 * Cuts the connections between a hypervisor and the controller: its uplink drops their packets both ways, and says so
 * to nobody. What hypervisors send each other passes. Disposing joins them again.
 */
export async function cutConnection(lab: Lab, hypervisor: LabHypervisor): Promise<AsyncDisposable> {
  for (const field of ["nw_src", "nw_dst"])
    await hypervisor.ofctl(
      "add-flow",
      "br-phy",
      `cookie=${cookie},priority=60000,ip,${field}=${lab.controllerAddress},actions=drop`,
    );
  return {
    [Symbol.asyncDispose]: async () => {
      await hypervisor.ofctl("del-flows", "br-phy", `cookie=${cookie}/-1`);
    },
  };
}

/** Lets a hypervisor receive no more than `rate`, as tc writes it, such as 2mbit. Disposing lifts that. */
export async function slowDown({ name }: LabHypervisor, rate: string): Promise<AsyncDisposable> {
  await requireCommand("tc", [
    "qdisc",
    "add",
    "dev",
    name,
    "root",
    "tbf",
    "rate",
    rate,
    "burst",
    "10kb",
    "latency",
    "10s",
  ]);
  return {
    [Symbol.asyncDispose]: async () => {
      await requireCommand("tc", ["qdisc", "delete", "dev", name, "root"]);
    },
  };
}
