import { existsSync } from "node:fs";
import { readdir, readlink } from "node:fs/promises";
import { silentLogger } from "@loomstack/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLab, createLightGuest, type Lab, labGuest, type LabHypervisor } from "./index.ts";
import { requireCommand, runCommand } from "./process.ts";
import { domainXml } from "./test-domain.ts";

let lab: Lab;
let hv1: LabHypervisor;
let hv2: LabHypervisor;
let linksBefore: readonly string[];

/** The names of the links in the main network namespace: other tests of this world may have left some of theirs. */
const links = async (): Promise<readonly string[]> =>
  (await requireCommand("ip", ["-o", "link"]))
    .trim()
    .split("\n")
    .map((line) => line.split(":")[1] ?? "")
    .sort();

beforeAll(async () => {
  linksBefore = await links();
  lab = await createLab({ logger: silentLogger });
  const [first, second] = lab.hypervisors;
  if (first === undefined || second === undefined) throw new TypeError("two hypervisors were asked for");
  [hv1, hv2] = [first, second];
});
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
});

const systemId = async (hypervisor: LabHypervisor): Promise<string> =>
  hypervisor.vsctl("get", "Open_vSwitch", ".", "external_ids:system-id");
const addPlainBridge = (hypervisor: LabHypervisor): Promise<string> =>
  hypervisor.vsctl("--may-exist", "add-br", "br-plain", "--", "set", "Bridge", "br-plain", "datapath_type=netdev");
const virsh = (hypervisor: LabHypervisor, ...args: string[]): Promise<string> =>
  requireCommand("virsh", ["-c", hypervisor.libvirtUri, ...args]);

test("a hypervisor is prepared with Open vSwitch and nothing else", async () => {
  expect((await hv1.vsctl("list-br")).trim()).toBe("br-phy");
  expect(await hv1.vsctl("get-manager")).toBe("");
  expect(await hv1.vsctl("get-controller", "br-phy")).toBe("");
  expect(await systemId(hv1)).not.toBe(await systemId(hv2));
});

test("hypervisors reach each other and the controller's address, and OVSDB is reached from there", async () => {
  for (const to of [hv2.address, lab.controllerAddress])
    expect((await hv1.run("ping", ["-c", "1", "-W", "2", to])).exitCode).toBe(0);
  expect(
    await requireCommand("ovs-vsctl", [`--db=tcp:${hv1.address}:${hv1.ovsdbPort}`, "--timeout=5", "list-br"]),
  ).toBe("br-phy\n");
});

test("a hypervisor sees its own processes, links and sockets, and not its neighbour's", async () => {
  const processes = (await hv1.run("ps", ["-e", "-o", "comm="])).stdout;
  expect(processes.match(/ovs-vswitchd/g)).toHaveLength(1);
  expect((await hv1.run("ip", ["-o", "link"])).stdout).not.toContain("hv2");
});

test("virtual machines boot with their address, run commands and carry TCP", async () => {
  await addPlainBridge(hv1);
  const address = (number: number): string => `192.0.2.${number}`;
  for (const number of [1, 2])
    await virsh(
      hv1,
      "create",
      await domainXml(lab, { number, interfaces: [{ address: address(number), bridge: "br-plain" }] }),
    );
  const [first, second] = [labGuest(hv1, "guest1"), labGuest(hv1, "guest2")];
  await Promise.all([first.ready(60_000), second.ready(60_000)]);

  expect(await first.run("hostname; echo wrong >&2; exit 3")).toEqual({
    exitCode: 3,
    stdout: "guest1\n",
    stderr: "wrong\n",
  });
  const ping = await first.spawn(`ping -c 10 -i 0.2 ${address(2)}`);
  await second.run("mkdir /www; head -c 200000 /dev/urandom >/www/file; (httpd -h /www)");
  const [sent, received] = [
    await second.run("md5sum </www/file"),
    await first.run(`wget -q -O - http://${address(2)}/file | md5sum`),
  ];
  expect(received.stdout).toBe(sent.stdout);
  expect((await ping.result()).stdout).toContain("10 packets transmitted, 10 packets received");

  await expect(first.run("sleep 60", { timeoutMs: 500 })).rejects.toThrow("sleep 60 did not happen within 500 ms");
  expect((await first.run("ps | grep -c '[s]leep 60'")).stdout.trim()).toBe("0");

  await virsh(hv1, "destroy", "guest1");
  await expect(first.run("true")).rejects.toMatchObject({ code: "LAB__GUEST_AGENT_FAILED" });
  await virsh(hv1, "destroy", "guest2");
});

test("light guests carry the port's id as libvirt writes it, talk to each other, and vanish when disposed", async () => {
  await addPlainBridge(hv2);
  const options = (number: number) => ({
    portId: `${String(number).repeat(8)}-0000-4000-8000-000000000000`,
    mac: `52:54:00:00:01:0${number}`,
    address: `198.51.100.${number}/24`,
    bridge: "br-plain",
  });
  {
    await using first = await createLightGuest(hv2, options(1));
    await using second = await createLightGuest(hv2, options(2));
    expect(await hv2.vsctl("get", "Interface", first.device, "external_ids:iface-id")).toContain(options(1).portId);
    expect((await first.run("ping", ["-c", "3", "-i", "0.2", "198.51.100.2"])).exitCode).toBe(0);
    expect((await second.run("cat", ["/sys/class/net/eth0/address"])).stdout.trim()).toBe(options(2).mac);
  }
  expect((await hv2.vsctl("list-ports", "br-plain")).trim()).toBe("");
  expect((await hv2.run("ip", ["netns", "list"])).stdout).toBe("");
});

test("a light guest on a bridge that is not there fails, and leaves nothing", async () => {
  const options = {
    portId: "99999999-0000-4000-8000-000000000000",
    mac: "52:54:00:00:01:09",
    address: "198.51.100.9/24",
    bridge: "br-none",
  };
  await expect(createLightGuest(hv2, options)).rejects.toMatchObject({ code: "LAB__COMMAND_FAILED" });
  expect((await hv2.run("ip", ["netns", "list"])).stdout).toBe("");
});

test("ovs-vswitchd comes back after it was killed", async () => {
  const pid = async (): Promise<string> => (await hv2.run("cat", ["/run/openvswitch/ovs-vswitchd.pid"])).stdout;
  const before = await pid();
  await hv2.killVswitchd();
  expect((await hv1.run("ping", ["-c", "1", "-W", "1", hv2.address])).exitCode).not.toBe(0);
  await hv2.startVswitchd();
  expect(await pid()).not.toBe(before);
  expect((await hv1.run("ping", ["-c", "1", "-W", "2", hv2.address])).exitCode).toBe(0);
});

test("a power cut kills everything at once; the system-id and the database outlive it", async () => {
  const [id, hostUuid] = [await systemId(hv2), await virsh(hv2, "capabilities")];
  await hv2.vsctl("set", "Open_vSwitch", ".", "external_ids:kept=yes");
  await hv2.kill();
  expect((await runCommand("ping", ["-c", "1", "-W", "1", hv2.address])).exitCode).not.toBe(0);
  expect((await requireCommand("ip", ["-o", "link"])).includes("hv2")).toBe(false);
  await expect(hv2.run("true", [])).rejects.toMatchObject({ code: "LAB__POWERED_OFF" });
  await hv2.start();
  expect(await systemId(hv2)).toBe(id);
  expect((await hv2.vsctl("get", "Open_vSwitch", ".", "external_ids:kept")).trim()).toBe("yes");
  expect(/<uuid>(.*)<\/uuid>/.exec(await virsh(hv2, "capabilities"))?.[0]).toBe(
    /<uuid>(.*)<\/uuid>/.exec(hostUuid)?.[0],
  );
});

test("after the lab is disposed nothing of it remains", async () => {
  const namespaces = async (): Promise<Set<string>> => {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    return new Set(await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/ns/net`).catch(() => "gone"))));
  };
  expect((await namespaces()).size).toBeGreaterThan(2);
  await lab[Symbol.asyncDispose]();
  expect([...(await namespaces())].filter((name) => name !== "gone")).toEqual([await readlink("/proc/self/ns/net")]);
  expect(await links()).toEqual(linksBefore);
  for (const { name } of lab.hypervisors) expect(existsSync(`/run/loomstack/${name}`)).toBe(false);
});
