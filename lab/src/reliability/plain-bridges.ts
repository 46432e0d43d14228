import { type Lab, type LabHypervisor } from "../lab.ts";

export const plainBridge = "br-plain";
/** Another UDP port than the controller's tunnels have, so that neither takes the other's packets. */
const vxlanPort = 4799;
const foreignCookie = "cookie=0x1/-1";

/** A bridge without a controller on each of the first two hypervisors, joined by a VXLAN tunnel; all is left to NORMAL. */
export async function makePlainBridges({ hypervisors }: Lab): Promise<void> {
  for (const hypervisor of hypervisors) {
    const peer = hypervisors.find((other) => other !== hypervisor);
    const tunnel = `options:remote_ip=${peer?.address ?? ""}`;
    await hypervisor.vsctl(
      ...["add-br", plainBridge, "--", "set", "Bridge", plainBridge, "datapath_type=netdev", "--"],
      ...["add-port", plainBridge, "vx-plain", "--", "set", "Interface", "vx-plain", "type=vxlan"],
      ...[tunnel, "options:key=4242", `options:dst_port=${vxlanPort}`],
    );
  }
}

/** Adds somebody else's flow to the controller's own bridge; it goes when ovs-vswitchd does. */
export async function addForeignFlow(hypervisor: LabHypervisor): Promise<void> {
  await hypervisor.ofctl("add-flow", "br-int", "table=30,cookie=0x1,priority=7,reg1=0x999 actions=drop");
}

/** All that is not the controller's on a hypervisor and that it could have touched, as text without counters. */
export async function foreignState(hypervisor: LabHypervisor): Promise<string> {
  const parts = await Promise.all([
    hypervisor.vsctl("get", "Bridge", plainBridge, "_uuid", "fail_mode", "controller", "external_ids", "other_config"),
    hypervisor.vsctl("list-ports", plainBridge),
    hypervisor.vsctl("get", "Interface", "vx-plain", "type", "options"),
    hypervisor.ofctl("--no-stats", "dump-flows", plainBridge),
    hypervisor.ofctl("--no-stats", "dump-flows", "br-int", foreignCookie),
  ]);
  return parts.join("\n");
}
