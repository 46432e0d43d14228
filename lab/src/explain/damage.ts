/** What breaks a packet's way in the lab, and mends it: done behind the controller's back, as accidents are. */
import { expect } from "vitest";
import { until } from "../condition.ts";
import type { Lab, LabHypervisor } from "../lab.ts";
import { requireCommand } from "../process.ts";
import type { TracedGuest } from "./traced-world.ts";

/** Before ours, in table forward of br-int: what is for the guest of number 12. */
const foreign = "table=30,priority=200,dl_dst=02:00:00:00:07:0c";

export async function addForeignFlow(hypervisor: LabHypervisor): Promise<void> {
  await hypervisor.ofctl("add-flow", "br-int", `cookie=0x1,${foreign},actions=drop`);
}

export async function deleteForeignFlow(hypervisor: LabHypervisor): Promise<void> {
  await hypervisor.ofctl("del-flows", "br-int", "--strict", foreign);
}

/** Of the hypervisor's end of a guest's interface, in bytes of an IP packet. */
export async function setInterfaceMtu(hypervisor: LabHypervisor, { device }: TracedGuest, mtu: number): Promise<void> {
  expect(await hypervisor.run("ip", ["link", "set", device, "mtu", String(mtu)])).toMatchObject({ exitCode: 0 });
  await untilSeen(hypervisor, device, "mtu", String(mtu));
}

/** Of the guest's end. Its kernel takes its IPv6 addresses away with the link, for good. */
export async function setLink(hypervisor: LabHypervisor, guest: TracedGuest, state: "up" | "down"): Promise<void> {
  await guest.run("ip", ["link", "set", "eth0", state]);
  await untilSeen(hypervisor, guest.device, "link_state", state);
}

async function untilSeen(hypervisor: LabHypervisor, device: string, column: string, value: string): Promise<void> {
  const isSeen = async () => (await hypervisor.vsctl("get", "Interface", device, column)).trim() === value;
  await until("Open vSwitch sees it", isSeen, { timeoutMs: 5_000 });
}

/** What the hypervisor says to the controller has to pass, too: its own packets become as small. */
export async function setUnderlayMtu(hypervisor: LabHypervisor, mtu: number): Promise<void> {
  const route = ["10.9.0.0/24", "dev", "br-phy", "proto", "kernel", "scope", "link", "src", hypervisor.address];
  await hypervisor.run("ip", ["route", "replace", ...route, "mtu", String(mtu)]);
  await requireCommand("ip", ["link", "set", hypervisor.name, "mtu", String(mtu)]);
}

/** Whether the underlay keeps the hypervisors from each other, and not from the controller. */
export async function isolate({ hypervisors }: Lab, state: "on" | "off"): Promise<void> {
  for (const { name } of hypervisors)
    await requireCommand("ip", ["link", "set", name, "type", "bridge_slave", "isolated", state]);
}

/** Leaves the table of tunnel keys no room for the flow of one of them (`tun_id=0x1`), and takes that out. */
export async function loseFlow(hypervisor: LabHypervisor, tunnelKey: string): Promise<void> {
  const dumped = (await hypervisor.ofctl("dump-flows", "br-tun", "table=20")).split("\n");
  const flows = dumped.filter((line) => /actions=/.test(line));
  const lost = flows.find((line) => line.includes(`${tunnelKey},`)) ?? expect.fail(flows.join("\n"));
  const [match] = /priority=\d+,\S+/.exec(lost) ?? expect.fail(lost);
  await hypervisor.vsctl(
    ...["set", "Bridge", "br-tun", "flow_tables:20=@table", "--", "--id=@table", "create", "Flow_Table"],
    ...[`flow_limit=${flows.length - 1}`, "overflow_policy=refuse"],
  );
  await hypervisor.ofctl("del-flows", "br-tun", "--strict", `table=20,${match}`);
}

/** Another bridge has a port of the name that ours for Geneve has. */
export async function takeTunnelName(hypervisor: LabHypervisor): Promise<void> {
  await hypervisor.vsctl(
    ...["--no-wait", "del-port", "br-tun", "loom-geneve", "--", "add-br", "br-other"],
    ...["--", "set", "Bridge", "br-other", "datapath_type=netdev", "--", "add-port", "br-other", "loom-geneve"],
    ...["--", "set", "Interface", "loom-geneve", "type=dummy"],
  );
}

export async function giveTunnelNameBack(hypervisor: LabHypervisor): Promise<void> {
  await hypervisor.vsctl("--no-wait", "del-br", "br-other");
}
