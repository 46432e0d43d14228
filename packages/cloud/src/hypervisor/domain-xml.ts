import { LoomstackError } from "@loomstack/core";
import type { DomainNic, DomainSpec } from "./hypervisor.ts";

/** What the XML of a domain depends on besides the domain: how its host forwards packets. */
export interface HostNetworking {
  /**
   * Whether guests may leave checksums and segmentation to the host. The kernel datapath of Open vSwitch completes
   * them. Its userspace datapath reads a tap without them: ICMP passes and TCP hangs, so that they have to be off
   * there.
   */
  readonly guestOffloads: boolean;
}

/**
 * The XML of a domain as libvirt reads it (https://libvirt.org/formatdomain.html).
 *
 * @throws LIBVIRT__INVALID_DOMAIN for text that XML can't carry
 */
export function domainXml(spec: DomainSpec, host: HostNetworking): string {
  const t: Escape = (value) => escapeXml(spec.name, String(value));
  return `<domain type='${t(spec.type)}'>
  <name>${t(spec.name)}</name>
  <uuid>${t(spec.uuid)}</uuid>
  <memory unit='MiB'>${t(spec.memoryMib)}</memory>
  <vcpu>${t(spec.vcpus)}</vcpu>
  <os>
    <type arch='x86_64' machine='pc'>hvm</type>
    <kernel>${t(spec.kernel)}</kernel>
    <initrd>${t(spec.initrd)}</initrd>
    <cmdline>${t(spec.commandLine)}</cmdline>
  </os>
  <features>
    <acpi/>
    <apic/>
  </features>
  <clock offset='utc'/>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
${devicesXml(spec, host, t)}
</domain>
`;
}

type Escape = (value: string | number) => string;

function devicesXml(spec: DomainSpec, host: HostNetworking, t: Escape): string {
  return `  <devices>
    <controller type='usb' model='none'/>
${spec.nics.map((nic) => interfaceXml(nic, host, t)).join("\n")}
    <serial type='pty'>
      <target type='isa-serial' port='0'/>
    </serial>
    <console type='pty'>
      <target type='serial' port='0'/>
    </console>
    <channel type='unix'>
      <target type='virtio' name='org.qemu.guest_agent.0'/>
    </channel>
    <memballoon model='none'/>
    <rng model='virtio'>
      <backend model='random'>/dev/urandom</backend>
    </rng>
  </devices>`;
}

/**
 * libvirt writes `interfaceid` to the OVSDB row of the tap as `external_ids:iface-id`, by which the controller knows
 * the port.
 */
function interfaceXml(nic: DomainNic, host: HostNetworking, t: Escape): string {
  return `    <interface type='bridge'>
      <mac address='${t(nic.mac)}'/>
      <source bridge='${t(nic.bridge)}'/>
      <virtualport type='openvswitch'>
        <parameters interfaceid='${t(nic.portId)}'/>
      </virtualport>
      <model type='virtio'/>${host.guestOffloads ? "" : offloadsOff}
      <mtu size='${t(nic.mtu)}'/>
    </interface>`;
}

const offloadsOff = `
      <driver name='qemu'>
        <host csum='off' gso='off' tso4='off' tso6='off' ecn='off' ufo='off'/>
        <guest csum='off' tso4='off' tso6='off' ecn='off' ufo='off'/>
      </driver>`;

/**
 * Escapes for element text and for attribute values alike; line breaks and tabs too, which a parser would otherwise
 * normalise.
 */
function escapeXml(domain: string, text: string): string {
  const forbidden = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u.exec(text)?.[0];
  if (forbidden !== undefined) {
    const codePoint = (forbidden.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    const reason = `U+${codePoint} is not a character that XML can carry`;
    throw new LoomstackError("LIBVIRT__INVALID_DOMAIN", { domain: JSON.stringify(domain), reason });
  }
  return text.replace(/[&<>'"\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
