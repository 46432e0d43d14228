import { cidrNetmask, parseCidr } from "@loomstack/core";
import type { GuestNetwork, Host, Instance, Nic, Template } from "@loomstack/model";
import type { DomainSpec } from "../hypervisor/hypervisor.ts";

/** A NIC with what it is plugged into. */
export interface PluggedNic {
  readonly nic: Nic;
  readonly network: GuestNetwork;
  /** The bridge on the host: the physical network's label for guest traffic. */
  readonly bridge: string;
  /** Whether the network tells it its address. */
  readonly hasDhcp: boolean;
}

/**
 * The domain that an instance is on a host. How its addresses come about goes on the kernel's command line, one `ip=` for
 * each NIC.
 */
export function domainOf(
  instance: Instance,
  host: Host,
  template: Template,
  plugged: readonly PluggedNic[],
): DomainSpec {
  const addresses = plugged.map((nic) => addressArgument(instance.name, nic));
  return {
    uuid: instance.id,
    name: domainName(instance),
    memoryMib: instance.memoryMib,
    vcpus: instance.cpuNumber,
    kernel: pathOf(template.kernelUrl),
    initrd: pathOf(template.initrdUrl),
    commandLine: [template.commandLine, ...addresses].filter((part) => part !== "").join(" "),
    type: host.domainType,
    nics: plugged.map(({ nic, network, bridge }) => ({
      portId: nic.id,
      mac: nic.macAddress,
      bridge,
      mtu: network.mtu,
    })),
  };
}

/** `i-7-VM`: CloudStack's way to name domains, without the account's number. */
export function domainName(instance: Instance): string {
  return `i-${instance.number}-VM`;
}

/**
 * `ip=<address>::<gateway>:<netmask>:<host name>:<device>:off`, or `ip=::::<host name>:<device>:dhcp`: the syntax of the kernel's
 * Documentation/admin-guide/nfs/nfsroot.rst.
 */
function addressArgument(hostName: string, { nic, network, hasDhcp }: PluggedNic): string {
  if (hasDhcp) return `ip=::::${hostName}:eth${nic.deviceIndex}:dhcp`;
  const gateway = nic.isDefault ? network.gateway : "";
  const netmask = cidrNetmask(parseCidr(network.cidr));
  return `ip=${nic.ipAddress}::${gateway}:${netmask}:${hostName}:eth${nic.deviceIndex}:off`;
}

function pathOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname);
}
