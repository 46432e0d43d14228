import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { silentLogger } from "@loomstack/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hypervisorAt, type LabHypervisor } from "../lab.ts";
import { createLightGuest, type LightGuest } from "../light-guest.ts";
import { neutron } from "./controller-client.ts";
import { connectPath, type ControllerWorld, makeNetwork, openControllerWorld, plugGuest } from "./controller-world.ts";
import { parsePing, type PingCount } from "./ping.ts";

/** A host of nobody's cloud: behind a switch of its own, as a member of VLAN 100 of the wire that joins them all. */
const outside = { portId: randomUUID(), mac: "02:00:00:00:07:c8", address: "192.168.7.200", vlan: 100 } as const;
/** The bridge of each hypervisor that the wire ends in. */
const bridge = "br-phy";
let world: ControllerWorld;
let hypervisors: readonly LabHypervisor[];
let before: readonly string[];
let stranger: LightGuest;
let place: { readonly network: string; readonly subnet: string };
let folder: string;

beforeAll(async () => {
  world = await openControllerWorld(silentLogger, 3);
  hypervisors = [0, 1].map((host) => hypervisorAt(world.lab, host));
  const { portId, mac, address, vlan } = outside;
  const theirs = hypervisorAt(world.lab, 2);
  stranger = await createLightGuest(theirs, { portId, mac, address: `${address}/24`, bridge });
  await theirs.vsctl("set", "Port", stranger.device, `tag=${vlan}`);
  before = await Promise.all(hypervisors.map(foreignState));
  for (const [host, hypervisor] of hypervisors.entries()) {
    await hypervisor.vsctl("set", "Open_vSwitch", ".", `external_ids:loomstack-bridge-mappings=physnet1:${bridge}`);
    await world.controller.expect(200, "PUT", connectPath(world.lab, host));
  }
  place = await makeVlanNetwork();
  folder = await mkdtemp(path.join(tmpdir(), "loomstack-outside-"));
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** All that the administrator's bridge is but for our port, as text without counters. */
async function foreignState(hypervisor: LabHypervisor): Promise<string> {
  const ports = (await hypervisor.vsctl("list-ports", bridge)).split("\n").filter((name) => !name.startsWith("loom-"));
  const columns = ["fail_mode", "controller", "external_ids", "other_config", "protocols", "rstp_enable", "stp_enable"];
  const parts = await Promise.all([
    hypervisor.vsctl("get", "Bridge", bridge, "_uuid", ...columns),
    hypervisor.ofctl("--no-stats", "dump-flows", bridge),
    ...ports.filter((name) => name !== "").map((name) => hypervisor.vsctl("list", "Port", name)),
  ]);
  return [...ports, ...parts].join("\n").replaceAll(/^statistics.*$/gm, "");
}

async function makeVlanNetwork(): Promise<{ readonly network: string; readonly subnet: string }> {
  const [network, subnet] = [randomUUID(), randomUUID()];
  const provider = {
    "provider:network_type": "vlan",
    "provider:physical_network": "physnet1",
    "provider:segmentation_id": outside.vlan,
  };
  await world.controller.expect(201, "POST", `${neutron}/networks`, { network: { id: network, ...provider } });
  const range = { id: subnet, network_id: network, ip_version: 4, cidr: "192.168.7.0/24", enable_dhcp: false };
  await world.controller.expect(201, "POST", `${neutron}/subnets`, { subnet: range });
  return { network, subnet };
}

async function ping(from: LightGuest, address: string): Promise<PingCount> {
  return parsePing((await from.run("ping", ["-c", "3", "-i", "0.2", "-W", "1", address])).stdout);
}

const all = { sent: 3, received: 3, lost: 0 };

test("guests of a VLAN reach each other across hypervisors and who is outside, beside an overlay with the same addresses", async () => {
  const overlay = await makeNetwork(world.controller, "vxlan");
  await using a = await plugGuest(world, 0, { ...place, number: 11 });
  await using b = await plugGuest(world, 1, { ...place, number: 12 });
  await using c = await plugGuest(world, 0, { ...overlay, number: 11 });
  await using d = await plugGuest(world, 1, { ...overlay, number: 12 });
  for (const [from, address] of [
    [a, "192.168.7.12"],
    [a, outside.address],
    [b, outside.address],
    [stranger, "192.168.7.11"],
    [stranger, "192.168.7.12"],
    [c, "192.168.7.12"],
  ] as const)
    expect(await ping(from, address)).toEqual(all);
  expect((await ping(d, outside.address)).received).toBe(0);
  const tunnelled = await hypervisorAt(world.lab, 0).ofctl("dump-flows", "br-tun");
  expect(tunnelled).not.toContain(`dl_vlan=${outside.vlan}`);
  expect(await Promise.all(hypervisors.map(foreignState))).toEqual(before);
  for (const guest of [a, b, c, d]) {
    await guest[Symbol.asyncDispose]();
    await world.controller.expect(204, "DELETE", `${neutron}/ports/${guest.portId}`);
  }
  for (const hypervisor of hypervisors)
    await expect
      .poll(async () => hypervisor.vsctl("list-ports", bridge), { timeout: 10_000 })
      .not.toContain("loom-from-physnet1");
  expect(await Promise.all(hypervisors.map(foreignState))).toEqual(before);
});

test("the lease that a server outside gives a guest whose addresses nobody told us is learnt", async () => {
  const [config, leases] = [path.join(folder, "udhcpd.conf"), path.join(folder, "udhcpd.leases")];
  const range = "start 192.168.7.210\nend 192.168.7.210\ninterface eth0\noption lease 3600\n";
  await writeFile(leases, "");
  await writeFile(config, `${range}lease_file ${leases}\npidfile ${folder}/udhcpd.pid\nremaining no\n`);
  await stranger.run("sh", ["-c", `busybox udhcpd ${config} >/dev/null 2>&1`]);
  await using guest = await plugGuest(world, 0, { network: place.network, number: 13 });
  const client = ["udhcpc", "-i", "eth0", "-s", "/bin/true", "-n", "-q", "-f", "-t", "5", "-T", "1"];
  expect(await guest.run("busybox", client)).toMatchObject({ exitCode: 0 });
  const learnt = async (): Promise<unknown> =>
    (await world.controller.get<{ learntAddresses: unknown }>(`/api/v1/ports/${guest.portId}`)).learntAddresses;
  await expect.poll(learnt).toEqual([{ address: "192.168.7.210", source: "dhcp" }]);
});
