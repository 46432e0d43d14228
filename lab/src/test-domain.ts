import { writeFile } from "node:fs/promises";
import type { Lab } from "./lab.ts";
import { temporaryFolder } from "./paths.ts";

/**
 * Writes the definition of a small virtual machine `guest<number>` on an Open vSwitch bridge, for tests of the lab
 * itself; returns the file.
 */
export async function domainXml(
  lab: Lab,
  guest: { readonly number: number; readonly address: string; readonly bridge: string },
): Promise<string> {
  const { number, address, bridge } = guest;
  const name = `guest${number}`;
  const noOffload = `csum="off" tso4="off" tso6="off" ecn="off" ufo="off"`;
  const xml = `<domain type="${lab.domainType}">
  <name>${name}</name><memory unit="MiB">128</memory><vcpu>1</vcpu>
  <os>
    <type arch="x86_64" machine="pc">hvm</type><kernel>${lab.guestImage.kernel}</kernel><initrd>${lab.guestImage.initrd}</initrd>
    <cmdline>console=ttyS0 quiet ip=${address}:::255.255.255.0:${name}:eth0:off</cmdline>
  </os>
  <features><acpi/></features>
  <devices>
    <interface type="bridge">
      <mac address="52:54:00:00:00:0${number}"/><source bridge="${bridge}"/>
      <virtualport type="openvswitch"><parameters interfaceid="0000000${number}-0000-4000-8000-000000000000"/></virtualport>
      <model type="virtio"/><mtu size="1450"/>
      <driver name="qemu"><host gso="off" ${noOffload}/><guest ${noOffload}/></driver>
    </interface>
    <channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"/></channel>
    <controller type="usb" model="none"/><memballoon model="none"/>
  </devices>
</domain>
`;
  const file = `${temporaryFolder}/${name}.xml`;
  await writeFile(file, xml);
  return file;
}
