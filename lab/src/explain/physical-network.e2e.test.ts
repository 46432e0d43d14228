/** Good and broken states of provider networks: traces in both modes agree with ovs-vswitchd's own and with real pings. */
import { randomUUID } from "node:crypto";
import { silentLogger } from "@loomstack/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../condition.ts";
import { hypervisorAt, type LabHypervisor } from "../lab.ts";
import { neutron } from "../story/controller-client.ts";
import { connectPath, type ControllerWorld, openControllerWorld, plugGuest } from "../story/controller-world.ts";
import { agree, agreesWithOfproto, isUnwatched, pings, traced, type TracedGuest } from "./traced-world.ts";

/** The bridge of each hypervisor that the wire between them ends in. */
const bridge = "br-phy";
const mappings = "loomstack-bridge-mappings";
let world: ControllerWorld;
let hv2: LabHypervisor;
/** On each network one guest on either hypervisor. */
const guests = new Map<string, readonly [TracedGuest, TracedGuest]>();
const on = (type: string): readonly [TracedGuest, TracedGuest] => guests.get(type) ?? expect.fail(type);

beforeAll(async () => {
  world = await openControllerWorld(silentLogger);
  hv2 = hypervisorAt(world.lab, 1);
  for (const host of [0, 1]) {
    await map(hypervisorAt(world.lab, host));
    await world.controller.expect(200, "PUT", connectPath(world.lab, host));
  }
  for (const [type, vlan] of [
    ["vlan", 100],
    ["flat", null],
  ] as const) {
    const place = await makeNetwork(type, vlan);
    const one = await plugGuest(world, 0, { ...place, number: 11 });
    guests.set(type, [one, await plugGuest(world, 1, { ...place, number: 12 })]);
  }
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

async function map(hypervisor: LabHypervisor): Promise<void> {
  await hypervisor.vsctl("set", "Open_vSwitch", ".", `external_ids:${mappings}=physnet1:${bridge}`);
}

async function makeNetwork(
  type: "vlan" | "flat",
  vlan: number | null,
): Promise<{ readonly network: string; readonly subnet: string }> {
  const [network, subnet] = [randomUUID(), randomUUID()];
  const provider = {
    "provider:network_type": type,
    "provider:physical_network": "physnet1",
    ...(vlan !== null && { "provider:segmentation_id": vlan }),
  };
  await world.controller.expect(201, "POST", `${neutron}/networks`, { network: { id: network, ...provider } });
  const range = { id: subnet, network_id: network, ip_version: 4, cidr: "192.168.7.0/24", enable_dhcp: false };
  await world.controller.expect(201, "POST", `${neutron}/subnets`, { subnet: range });
  return { network, subnet };
}

const arrives = (type: string): RegExp =>
  new RegExp(
    `^the packet is output to port ${on(type)[1].portId} on OVS/host-1, .* in physical network physnet1, with`,
  );

test.each(["vlan", "flat"])("to a guest on another hypervisor of a %s network, which answers", async (type) => {
  await agree(
    world,
    { from: on(type)[0], to: 12 },
    { reached: true, held: arrives(type), live: /can't be seen; its answer was back after \d+ ms$/ },
  );
});

test("in a VLAN that the physical network doesn't carry that far, which only a real packet shows", async () => {
  const packet = { from: on("vlan")[0], to: 12 };
  const uplink = "eth0";
  await hv2.vsctl("set", "Port", uplink, "trunks=0,200");
  try {
    const held = await traced(world, packet, "held");
    expect(held).toMatchObject({ reached: true, verdict: expect.stringMatching(arrives("vlan")) as string });
    await agreesWithOfproto(world, held);
    expect(await traced(world, packet, "live")).toMatchObject({
      reached: false,
      verdict: expect.stringMatching(
        /^the packet was last seen in OVS\/host-0, br-int table forward, .*; does the physical network carry such packets\?/,
      ) as string,
    });
    expect(await pings(packet)).toBe(false);
  } finally {
    await hv2.vsctl("clear", "Port", uplink, "trunks");
  }
  await agree(world, packet, { reached: true, held: arrives("vlan") });
});

test("to a hypervisor that isn't joined with the physical network any more", async () => {
  await hv2.vsctl("remove", "Open_vSwitch", ".", "external_ids", mappings);
  const hasPatch = async () => (await hv2.vsctl("list-ports", "br-int")).includes("loom-to-physnet1");
  await until("the patch is gone", async () => !(await hasPatch()), { timeoutMs: 10_000 });
  try {
    const held = /^dropped on OVS\/host-1, br-int: it has no patch to physical network physnet1/;
    for (const [from] of guests.values()) await agree(world, { from, to: 12 }, { reached: false, held });
  } finally {
    await map(hv2);
  }
  for (const [type, [from, to]] of guests) {
    await world.controller.portActive(to.portId);
    await agree(world, { from, to: 12 }, { reached: true, held: arrives(type) });
  }
});

test("nothing is left of what watched", async () => {
  for (const hypervisor of world.lab.hypervisors) expect(await isUnwatched(hypervisor)).toBe(true);
});
