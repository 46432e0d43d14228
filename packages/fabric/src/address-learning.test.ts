import type { Ip, Mac } from "@loomstack/core";
import { createPort, listLearntAddresses, updateNetwork } from "@loomstack/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ControllerWorld,
  isMissing,
  network,
  otherPort,
  port,
  until,
  withOpenVSwitch,
} from "./controller-under-test.ts";
import { uuid } from "./intent/intent-under-test.ts";

const guest = "020000000001";
const neighbour = "020000000002";

function digits(address: string): string {
  const parts = address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
  return parts.join("");
}

/** An ARP request of a guest, in hexadecimal digits. */
function arp(mac: string, sender: string, target: string, about = mac): string {
  const part = `0001080006040001${about}${digits(sender)}000000000000${digits(target)}`;
  return `ffffffffffff${mac}0806${part}`.padEnd(120, "0");
}

describe.skipIf(isMissing)(`addresses that nobody told us, ${withOpenVSwitch}`, { timeout: 30_000 }, () => {
  let world: ControllerWorld;

  beforeAll(async () => {
    world = await ControllerWorld.start();
    await world.connect("a", world.host);
    await world.makePort(port, "02:00:00:00:00:01");
    await world.makePort(otherPort, "02:00:00:00:00:02");
    await world.plug(world.host, "tap1", port);
    await world.plug(world.host, "tap2", otherPort);
    for (const id of [port, otherPort]) expect(await world.settled(id)).toMatchObject({ status: "ACTIVE" });
  }, 30_000);
  afterAll(async () => world[Symbol.asyncDispose]());

  const receive = (device: string, frame: string): Promise<string> =>
    world.host.appctl("netdev-dummy/receive", device, frame);
  const learnt = async (): Promise<unknown> =>
    (await listLearntAddresses(world.store.db)).map(({ portId, addresses }) => [
      portId,
      ...addresses.map(({ address }) => address),
    ]);
  const heard = async (device: string): Promise<number> =>
    Number(/tx pkts=(\d+)/.exec(await world.host.ofctl("dump-ports", "br-int", device))?.[1]);
  /** How many packets the flow that shows ARP of the first port has taken. */
  const shown = async (): Promise<number> => {
    const flows = (await world.host.ofctl("dump-flows", "br-int")).split("\n");
    const copying = flows.filter((flow) => /arp,.*dl_src=02:00:00:00:00:01.*CONTROLLER/.test(flow));
    expect(copying).toHaveLength(1);
    return Number(/n_packets=(\d+)/.exec(copying[0] ?? "")?.[1]);
  };
  const isAnswered = async (address: string): Promise<boolean> =>
    (await world.host.flows("br-int")).some(
      (flow) => flow.includes(`arp_tpa=${address},arp_op=1`) && flow.includes("IN_PORT"),
    );

  test("an address that a guest shows in ARP is learnt, while its packet goes on, and shown once", async () => {
    const before = await heard("tap2");
    await receive("tap1", arp(guest, "10.0.0.5", "10.0.0.9"));
    await until(async () => (await heard("tap2")) === before + 1);
    await until(() => isAnswered("10.0.0.5"));
    expect(await learnt()).toEqual([[port, "10.0.0.5"]]);
    const copies = await shown();
    await receive("tap1", arp(guest, "10.0.0.5", "10.0.0.9"));
    await until(async () => (await heard("tap2")) === before + 2);
    expect(await shown()).toBe(copies);
    expect(await world.settled(port)).toMatchObject({ status: "ACTIVE" });
  });

  test("who asks for a learnt address is answered on the spot, and the guest isn't asked", async () => {
    const [asker, asked] = [await heard("tap2"), await heard("tap1")];
    await receive("tap2", arp(neighbour, "10.0.0.6", "10.0.0.5"));
    await until(async () => (await heard("tap2")) === asker + 1);
    expect(await heard("tap1")).toBe(asked);
    await until(() => isAnswered("10.0.0.6"));
  });

  test("an address that another port has isn't believed, and an event tells of it", async () => {
    await receive("tap2", arp(neighbour, "10.0.0.5", "10.0.0.9"));
    await until(async () => (await world.events("address-conflict")).length === 1);
    const [event] = await world.events("address-conflict");
    expect(event?.message).toContain(`port ${otherPort} has 10.0.0.5 in network ${network}, says its guest in ARP`);
    expect(event?.message).toContain(`but port ${port} has it`);
    expect((await world.events("address-learnt")).map(({ object }) => object)).toEqual([
      `port ${port}`,
      `port ${otherPort}`,
    ]);
    expect(await learnt()).toEqual([
      [port, "10.0.0.5"],
      [otherPort, "10.0.0.6"],
    ]);
  });

  test("nothing is learnt of forged ARP, of a probe, or of a port that may send from any address", async () => {
    const free = uuid(13);
    const device = { name: "", tenantId: "", deviceId: "", deviceOwner: "", adminStateUp: true, fixedIps: [] };
    const macAddress = "02:00:00:00:00:03" as Mac;
    await world.store.transact((tx) =>
      createPort(tx, { id: free, networkId: network, macAddress, ...device, portSecurityEnabled: false }),
    );
    await world.plug(world.host, "tap3", free);
    await world.settled(free);
    await receive("tap1", arp(guest, "10.0.0.77", "10.0.0.9", neighbour));
    await receive("tap1", arp(guest, "0.0.0.0", "10.0.0.78"));
    await receive("tap3", arp("020000000003", "10.0.0.79", "10.0.0.9"));
    await receive("tap1", arp(guest, "10.0.0.7", "10.0.0.9"));
    await until(() => isAnswered("10.0.0.7"));
    expect(await learnt()).toEqual([
      [port, "10.0.0.5", "10.0.0.7"],
      [otherPort, "10.0.0.6"],
    ]);
  });

  test("a controller that starts anew knows what was learnt, and sends nothing", async () => {
    const before = await world.flowsOf(world.host);
    await world.restart();
    expect(await world.settled(port)).toMatchObject({ status: "ACTIVE" });
    expect(world.status("OVS/a")?.counters).toMatchObject({ flowModsSent: 0, ovsdbTransactions: 0 });
    expect(await world.flowsOf(world.host)).toEqual(before);
  });

  test("a trace goes on past the copy, and ends where the packet does", async () => {
    const trace = await world.controller.explanations.trace({
      ...{ from: port, to: "10.0.0.6" as Ip, protocol: { name: "arp" }, sourceIp: "10.0.0.99" as Ip },
    });
    expect(trace.ends).toMatchObject([{ kind: "answered" }]);
  });

  test("what was learnt goes when the guest leaves", async () => {
    await world.host.vsctl("--no-wait", "del-port", "tap1");
    await until(async () => !(await isAnswered("10.0.0.5")));
    expect(await learnt()).toEqual([[otherPort, "10.0.0.6"]]);
  });

  test("a network that is told not to learn forgets, and is shown nothing, until it is told to learn again", async () => {
    const copies = async (): Promise<number> =>
      (await world.host.flows("br-int")).filter((flow) => /arp,.*dl_src=02:00:00:00:00:02.*CONTROLLER/.test(flow))
        .length;
    const tell = (learnsAddresses: boolean) =>
      world.store.transact((tx) => updateNetwork(tx, network, { learnsAddresses }));
    expect(await copies()).toBe(1);
    await tell(false);
    await until(async () => (await copies()) === 0 && !(await isAnswered("10.0.0.6")));
    expect(await learnt()).toEqual([]);
    await tell(true);
    await until(async () => (await copies()) === 1);
    await receive("tap2", arp(neighbour, "10.0.0.6", "10.0.0.5"));
    await until(() => isAnswered("10.0.0.6"));
  });
});
