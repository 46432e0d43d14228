import { parseMac, type Uuid } from "@loomstack/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { domainXml } from "./domain-xml.ts";
import type { DomainSpec } from "./hypervisor.ts";

const nic = {
  portId: "5e3a1c7f-2b4d-4f60-8a91-0c2e4d6f8b13" as Uuid,
  mac: parseMac("52:54:00:00:00:0a"),
  bridge: "br-int",
  mtu: 1450,
};

const spec: DomainSpec = {
  uuid: "9b2c6a5e-0f1d-4c3b-8a79-6e5d4c3b2a19" as Uuid,
  name: "i-2-3-VM",
  memoryMib: 128,
  vcpus: 1,
  kernel: "/boot/vmlinuz",
  initrd: "/boot/initrd",
  commandLine: "console=ttyS0 ip=10.1.1.2::10.1.1.1:255.255.255.0:vm1:eth0:off",
  type: "qemu",
  nics: [nic],
};

test("a domain boots its kernel, has its port on the bridge, a console and a channel for the guest agent", () => {
  expect(domainXml(spec, { guestOffloads: false })).toBe(`<domain type='qemu'>
  <name>i-2-3-VM</name>
  <uuid>9b2c6a5e-0f1d-4c3b-8a79-6e5d4c3b2a19</uuid>
  <memory unit='MiB'>128</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='pc'>hvm</type>
    <kernel>/boot/vmlinuz</kernel>
    <initrd>/boot/initrd</initrd>
    <cmdline>console=ttyS0 ip=10.1.1.2::10.1.1.1:255.255.255.0:vm1:eth0:off</cmdline>
  </os>
  <features>
    <acpi/>
    <apic/>
  </features>
  <clock offset='utc'/>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
    <controller type='usb' model='none'/>
    <interface type='bridge'>
      <mac address='52:54:00:00:00:0a'/>
      <source bridge='br-int'/>
      <virtualport type='openvswitch'>
        <parameters interfaceid='5e3a1c7f-2b4d-4f60-8a91-0c2e4d6f8b13'/>
      </virtualport>
      <model type='virtio'/>
      <driver name='qemu'>
        <host csum='off' gso='off' tso4='off' tso6='off' ecn='off' ufo='off'/>
        <guest csum='off' tso4='off' tso6='off' ecn='off' ufo='off'/>
      </driver>
      <mtu size='1450'/>
    </interface>
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
  </devices>
</domain>
`);
});

test("where the host completes checksums, guests may leave them to it", () => {
  expect(domainXml(spec, { guestOffloads: true })).not.toContain("<driver");
});

test("each interface is there, in order", () => {
  const macs = ["52:54:00:00:00:0a", "52:54:00:00:00:0b"];
  const xml = domainXml(
    { ...spec, nics: macs.map((mac) => ({ ...nic, mac: parseMac(mac) })) },
    { guestOffloads: true },
  );
  expect([...xml.matchAll(/<mac address='(.*)'\/>/g)].map(([, mac]) => mac)).toEqual(macs);
  expect(domainXml({ ...spec, nics: [] }, { guestOffloads: true })).not.toContain("<interface");
});

/** The text between the tags of `name`, as an XML parser would give it: one element, whose references are resolved. */
function textOf(xml: string, name: string): string {
  const [, text = "", ...surplus] = xml.split(new RegExp(`</?${name}>`));
  expect(surplus).toHaveLength(1);
  return text.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}

test("whatever a text holds, it stays a text", () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom("a", "é", "😀", "<", ">", "&", "'", '"', "\n", "\r", "\t", "]]>", "--", "</cmdline>"),
      }),
      (text) => {
        expect(textOf(domainXml({ ...spec, commandLine: text }, { guestOffloads: true }), "cmdline")).toBe(text);
      },
    ),
  );
});

test("a bridge's name can't leave its attribute", () => {
  const bridge = "br'/><source bridge='br-ex";
  expect(domainXml({ ...spec, nics: [{ ...nic, bridge }] }, { guestOffloads: true })).toContain(
    "<source bridge='br&#39;/&#62;&#60;source bridge=&#39;br-ex'/>",
  );
});

test.each([
  ["\0", "U+0000"],
  ["\u001b", "U+001B"],
  ["\ud800", "U+D800"],
  ["\uffff", "U+FFFF"],
])("%j, which XML can't carry, is refused", (character, name) => {
  expect(() => domainXml({ ...spec, name: `vm${character}` }, { guestOffloads: true })).toThrow(
    `${name} is not a character that XML can carry`,
  );
});
