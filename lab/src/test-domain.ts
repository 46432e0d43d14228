import { writeFile } from "node:fs/promises";
import type { Lab } from "./lab.ts";
import { temporaryFolder } from "./paths.ts";

/** An interface of a virtual machine on an Open vSwitch bridge. */
export interface DomainInterface {
  /** Of a network of 24 bits: 192.0.2.10. */
  readonly address: string;
  readonly bridge: string;
}

export interface TestDomain {
  /** 1 to 9; the domain is called `guest<number>`. */
  readonly number: number;
  readonly interfaces: readonly DomainInterface[];
}

/** The MAC address of a domain's interface number `index`, counted from 0. */
export function domainMac({ number }: TestDomain, index: number): string {
  return `52:54:00:00:0${index}:0${number}`;
}

/** What Open vSwitch is told as `iface-id` of a domain's interface. */
export function interfaceId({ number }: TestDomain, index: number): string {
  return `0000000${number}-0000-4000-8000-00000000000${index}`;
}

/**
 * Writes the definition of a small virtual machine, for tests that need one which the product doesn't start; returns the
 * file.
 */
export async function domainXml(lab: Lab, domain: TestDomain): Promise<string> {
  const { number, interfaces } = domain;
  const name = `guest${number}`;
  const noOffload = `csum="off" tso4="off" tso6="off" ecn="off" ufo="off"`;
  const addresses = interfaces.map(({ address }, index) => `ip=${address}:::255.255.255.0:${name}:eth${index}:off`);
  const devices = interfaces.map(
    ({ bridge }, index) => `<interface type="bridge">
      <mac address="${domainMac(domain, index)}"/><source bridge="${bridge}"/>
      <virtualport type="openvswitch"><parameters interfaceid="${interfaceId(domain, index)}"/></virtualport>
      <model type="virtio"/><mtu size="1450"/>
      <driver name="qemu"><host gso="off" ${noOffload}/><guest ${noOffload}/></driver>
    </interface>`,
  );
  const xml = `<domain type="${lab.domainType}">
  <name>${name}</name><memory unit="MiB">128</memory><vcpu>1</vcpu>
  <os>
    <type arch="x86_64" machine="pc">hvm</type><kernel>${lab.guestImage.kernel}</kernel><initrd>${lab.guestImage.initrd}</initrd>
    <cmdline>console=ttyS0 quiet ${addresses.join(" ")}</cmdline>
  </os>
  <features><acpi/></features>
  <devices>
    ${devices.join("\n    ")}
    <channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"/></channel>
    <controller type="usb" model="none"/><memballoon model="none"/>
  </devices>
</domain>
`;
  const file = `${temporaryFolder}/${name}.xml`;
  await writeFile(file, xml);
  return file;
}
