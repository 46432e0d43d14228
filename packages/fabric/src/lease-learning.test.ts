import type { Ipv4, Mac } from "@loomstack/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ControllerWorld, isMissing, until, withOpenVSwitch } from "./controller-under-test.ts";
import { uuid } from "./intent/intent-under-test.ts";
import { heard, type LearningGuest, learntOf, plugGuest, send } from "./learning-under-test.ts";
import { frameOf, message } from "./services/dhcpv4/dhcp-under-test.ts";

const guest: LearningGuest = { id: uuid(11), device: "tap1", mac: "02:00:00:00:00:01" as Mac };
const neighbour: LearningGuest = { id: uuid(12), device: "tap2", mac: "02:00:00:00:00:02" as Mac };
const server: LearningGuest = {
  ...{ id: uuid(13), device: "tap3", mac: "02:00:00:00:00:03" as Mac },
  portSecurityEnabled: false,
};
const everyone = { mac: "ff:ff:ff:ff:ff:ff" as Mac, address: "255.255.255.255" as Ipv4 };

/** A client's message: it asks for an address, or gives back the one that it has. */
function says(from: LearningGuest, type: "request" | "release", transactionId: number, address?: string): Uint8Array {
  const clientAddress = address as Ipv4 | undefined;
  const change = { hardwareAddress: from.mac, transactionId, ...(clientAddress && { clientAddress }) };
  const src = clientAddress ?? ("0.0.0.0" as Ipv4);
  return frameOf(message(type, {}, change), { ethSrc: from.mac, src });
}

/** Who is a server, or says so, gives a client an address for an hour. */
function gives(from: LearningGuest, to: LearningGuest, transactionId: number, address: string, isToAll = false) {
  const yourAddress = address as Ipv4;
  const change = { operation: 2, hardwareAddress: to.mac, transactionId, yourAddress };
  const dst = isToAll ? everyone : { mac: to.mac, address: yourAddress };
  return frameOf(message("ack", { leaseTime: [0, 0, 14, 16] }, change), {
    ...{ ethSrc: from.mac, ethDst: dst.mac, src: "10.0.0.2" as Ipv4, dst: dst.address, srcPort: 67, dstPort: 68 },
  });
}

describe.skipIf(isMissing)(`leases of DHCP servers that aren't ours, ${withOpenVSwitch}`, { timeout: 30_000 }, () => {
  let world: ControllerWorld;

  beforeAll(async () => {
    world = await ControllerWorld.start();
    await world.connect("a", world.host);
    for (const one of [guest, neighbour, server]) await plugGuest(world, one);
  }, 30_000);
  afterAll(async () => world[Symbol.asyncDispose]());

  const learns = async (one: LearningGuest, ...addresses: readonly string[]): Promise<unknown> =>
    until(async () => (await learntOf(world, one)).join() === addresses.join());

  test("an address that a server gives a guest is learnt, while question and answer go on", async () => {
    const [asked, answered] = [await heard(world, server), await heard(world, guest)];
    await send(world, guest, says(guest, "request", 1));
    await until(async () => (await heard(world, server)) === asked + 1);
    await send(world, server, gives(server, guest, 1, "10.0.0.50"));
    await learns(guest, "10.0.0.50 dhcp");
    expect(await heard(world, guest)).toBe(answered + 1);
    const [event] = await world.events("address-learnt");
    expect(event?.message).toContain(`port ${guest.id} has 10.0.0.50 in network`);
    expect(event?.message).toContain("says a DHCP server");
    await until(async () => (await world.host.flows("br-int")).some((flow) => flow.includes("arp_tpa=10.0.0.50,")));
  });

  test("an answer to all is heard by all, and learnt of the one that it is for", async () => {
    const before = [await heard(world, guest), await heard(world, neighbour)];
    await send(world, neighbour, says(neighbour, "request", 2));
    await send(world, server, gives(server, neighbour, 2, "10.0.0.51", true));
    await learns(neighbour, "10.0.0.51 dhcp");
    expect([await heard(world, guest), await heard(world, neighbour)]).toEqual(
      [before[0] ?? 0, before[1] ?? 0].map((n, index) => n + (index === 0 ? 2 : 1)),
    );
    expect(await learntOf(world, guest)).toEqual(["10.0.0.50 dhcp"]);
  });

  test("a guest that says that it is a server isn't heard, and an answer that nobody has asked for isn't learnt", async () => {
    await send(world, server, gives(server, guest, 3, "10.0.0.60"));
    const before = await heard(world, guest);
    await send(world, guest, says(guest, "request", 4));
    for (const isToAll of [false, true]) await send(world, neighbour, gives(neighbour, guest, 4, "10.0.0.66", isToAll));
    await send(world, server, gives(server, guest, 4, "10.0.0.52"));
    await learns(guest, "10.0.0.52 dhcp");
    expect(await heard(world, guest)).toBe(before + 1);
  });

  test("a trace of a guest's question goes on past the copy, to those who hear it", async () => {
    const trace = await world.controller.explanations.trace({
      ...{ from: guest.id, to: everyone.address, protocol: { name: "udp", destinationPort: 67 } },
    });
    expect(trace.ends.map(({ kind, port }) => [kind, port])).toEqual([
      ["delivered", neighbour.id],
      ["delivered", server.id],
    ]);
  });

  test("an address that a server gives to another guest is that one's from then on", async () => {
    await send(world, neighbour, says(neighbour, "request", 5));
    await send(world, server, gives(server, neighbour, 5, "10.0.0.52"));
    await learns(neighbour, "10.0.0.52 dhcp");
    expect(await learntOf(world, guest)).toEqual([]);
    await until(async () =>
      (await world.events("address-learnt")).some(({ message: text }) => text.includes(`it was port ${guest.id}'s`)),
    );
  });

  test("a controller that starts anew knows what was learnt, and sends nothing", async () => {
    expect(await world.controller.realised.reached(world.store.revision(), AbortSignal.timeout(10_000))).toBe(true);
    await world.restart();
    expect(await world.settled(neighbour.id)).toMatchObject({ status: "ACTIVE" });
    expect(world.status("OVS/a")?.counters).toMatchObject({ flowModsSent: 0, ovsdbTransactions: 0 });
    expect(await learntOf(world, neighbour)).toEqual(["10.0.0.52 dhcp"]);
  });

  test("an address that its guest gives back is forgotten", async () => {
    await send(world, neighbour, says(neighbour, "release", 6, "10.0.0.52"));
    await learns(neighbour);
    await until(async () => (await world.events("address-forgotten")).length === 1);
    expect((await world.events("address-forgotten"))[0]?.message).toContain("its guest has given it back");
    await until(async () => !(await world.host.flows("br-int")).some((flow) => flow.includes("arp_tpa=10.0.0.52,")));
  });
});
