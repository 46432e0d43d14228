import { type Ipv6, linkLocalOf, type Mac, macToBytes, solicitedNodeOf } from "@loomstack/core";
import { createSubnet } from "@loomstack/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ControllerWorld, isMissing, network, until, withOpenVSwitch } from "./controller-under-test.ts";
import { icmpv6Type } from "./packets/protocol-numbers.ts";
import { uuid } from "./intent/intent-under-test.ts";
import { heard, type LearningGuest, learntOf, plugGuest, send } from "./learning-under-test.ts";
import { encodeIcmpv6Frame } from "./packets/icmpv6.ts";
import { ipv6ToBytes, macOfMulticast } from "./packets/ipv6-frame.ts";

const guest: LearningGuest = { id: uuid(11), device: "tap1", mac: "02:00:00:00:00:01" as Mac };
const neighbour: LearningGuest = { id: uuid(12), device: "tap2", mac: "02:00:00:00:00:02" as Mac };
const free: LearningGuest = {
  ...{ id: uuid(13), device: "tap3", mac: "02:00:00:00:00:03" as Mac },
  portSecurityEnabled: false,
};
const told: LearningGuest = {
  ...{ id: uuid(14), device: "tap4", mac: "02:00:00:00:00:04" as Mac },
  addresses: ["2001:db8::4"],
};
const unspecified = "::" as Ipv6;
const allNodes = "ff02::1" as Ipv6;
const targetOption = (mac: Mac): number[] => [2, 1, ...macToBytes(mac)];

function discovery(type: number, from: LearningGuest, src: Ipv6, dst: Ipv6, rest: readonly number[]): Uint8Array {
  const envelope = { ethSrc: from.mac, ethDst: macOfMulticast(dst), src, dst, hopLimit: 255 };
  return encodeIcmpv6Frame(envelope, { type, code: 0, body: Uint8Array.from([0, 0, 0, 0, ...rest]) });
}

/** Duplicate address detection: a guest asks whether anybody has the address. */
function asks(from: LearningGuest, target: string): Uint8Array {
  const address = target as Ipv6;
  const rest = [...ipv6ToBytes(address)];
  return discovery(icmpv6Type.neighbourSolicitation, from, unspecified, solicitedNodeOf(address), rest);
}

/** A guest says to all that it has the address. */
function says(from: LearningGuest, target: string, source = target): Uint8Array {
  const rest = [...ipv6ToBytes(target as Ipv6), ...targetOption(from.mac)];
  return discovery(icmpv6Type.neighbourAdvertisement, from, source as Ipv6, allNodes, rest);
}

/** A guest asks who has the address. */
function asksFor(from: LearningGuest, target: string): Uint8Array {
  const address = target as Ipv6;
  const rest = [...ipv6ToBytes(address), 1, 1, ...macToBytes(from.mac)];
  const dst = solicitedNodeOf(address);
  return discovery(icmpv6Type.neighbourSolicitation, from, linkLocalOf(from.mac), dst, rest);
}

describe.skipIf(isMissing)(`IPv6 addresses that nobody told us, ${withOpenVSwitch}`, { timeout: 30_000 }, () => {
  let world: ControllerWorld;

  beforeAll(async () => {
    world = await ControllerWorld.start();
    await world.store.transact((tx) =>
      createSubnet(tx, {
        ...{ id: uuid(2), networkId: network, name: "", tenantId: "", cidr: "2001:db8::/64", enableDhcp: false },
        gatewayIp: "2001:db8::1" as Ipv6,
      }),
    );
    // As ovs-ctl writes it: this version can answer neighbour solicitations.
    await world.host.vsctl("--no-wait", "set", "Open_vSwitch", ".", "ovs_version=3.1.0");
    await world.connect("a", world.host);
    for (const one of [guest, neighbour, free, told]) await plugGuest(world, one);
  }, 30_000);
  afterAll(async () => world[Symbol.asyncDispose]());

  test("an address that a guest asks for, and that nobody says to have, is learnt, while the question reaches the others", async () => {
    const before = await heard(world, neighbour);
    await send(world, guest, asks(guest, "2001:db8::5"));
    await until(async () => (await heard(world, neighbour)) === before + 1);
    await until(async () => (await learntOf(world, guest)).length > 0);
    expect(await learntOf(world, guest)).toEqual(["2001:db8::5 nd"]);
    await until(async () => (await world.events("address-learnt")).length === 1);
    const [event] = await world.events("address-learnt");
    expect(event?.message).toContain(`port ${guest.id} has 2001:db8::5 in network ${network}, says its guest in neigh`);
  });

  test("who asks for a learnt address is answered on the spot, and the guest isn't asked", async () => {
    await until(async () => (await world.host.flows("br-int")).some((flow) => flow.includes("nd_target=2001:db8::5 ")));
    const [asker, asked] = [await heard(world, neighbour), await heard(world, guest)];
    await send(world, neighbour, asksFor(neighbour, "2001:db8::5"));
    await until(async () => (await heard(world, neighbour)) === asker + 1);
    expect(await heard(world, guest)).toBe(asked);
  });

  test("what a guest says to have is learnt at once, and shown once", async () => {
    const copied = async (): Promise<number> => {
      const flows = (await world.host.ofctl("dump-flows", "br-int")).split("\n");
      const own = flows.filter((flow) => flow.includes("CONTROLLER") && flow.includes(`nd_tll=${neighbour.mac}`));
      return own.reduce((sum, flow) => sum + Number(/n_packets=(\d+)/.exec(flow)?.[1]), 0);
    };
    await send(world, neighbour, says(neighbour, "2001:db8::6"));
    await until(async () => (await learntOf(world, neighbour)).includes("2001:db8::6 nd"));
    await until(async () => (await world.host.flows("br-int")).some((flow) => flow.includes("nd_target=2001:db8::6 ")));
    expect(await copied()).toBe(1);
    const before = await heard(world, guest);
    await send(world, neighbour, says(neighbour, "2001:db8::6"));
    await send(world, neighbour, says(neighbour, linkLocalOf(neighbour.mac)));
    await until(async () => (await heard(world, guest)) === before + 2);
    expect(await copied()).toBe(1);
  });

  test("an address is not learnt that somebody else says to have, who has it by intent or has shown it, or is a gateway's", async () => {
    await send(world, guest, asks(guest, "2001:db8::7"));
    await send(world, free, says(free, "2001:db8::7"));
    await send(world, guest, asks(guest, "2001:db8::1"));
    await send(world, guest, says(guest, "2001:db8::6"));
    await send(world, guest, asks(guest, "2001:db8::4"));
    await send(world, guest, asks(guest, "2001:db8::8"));
    await until(async () => (await learntOf(world, guest)).includes("2001:db8::8 nd"));
    expect(await learntOf(world, guest)).toEqual(["2001:db8::5 nd", "2001:db8::8 nd"]);
    await until(async () => (await world.events("address-conflict")).length === 2);
    const texts = (await world.events("address-conflict")).map(({ message }) => message);
    expect(texts[0]).toContain(`port ${guest.id} has 2001:db8::6`);
    expect(texts[0]).toContain(`but port ${neighbour.id} has it`);
    expect(texts[1]).toContain(`but port ${told.id} has it`);
  });

  test("a guest doesn't say that it has what intent gives another: nobody hears it, and nobody is shown it", async () => {
    const [before, shown] = [await heard(world, neighbour), world.status("system-a")?.counters.packetsPunted];
    await send(world, guest, says(guest, "2001:db8::4", linkLocalOf(guest.mac)));
    await send(world, guest, says(guest, linkLocalOf(neighbour.mac), linkLocalOf(guest.mac)));
    await send(world, guest, says(guest, linkLocalOf(guest.mac)));
    await until(async () => (await heard(world, neighbour)) === before + 1);
    // The last one, which passed, is copied where all hear it.
    await until(() => world.status("system-a")?.counters.packetsPunted === (shown ?? 0) + 1);
  });

  test("a controller that starts anew knows what was learnt, and sends nothing", async () => {
    expect(await world.controller.realised.reached(world.store.revision(), AbortSignal.timeout(10_000))).toBe(true);
    await world.restart();
    expect(await world.settled(guest.id)).toMatchObject({ status: "ACTIVE" });
    expect(world.status("OVS/a")?.counters).toMatchObject({ flowModsSent: 0, ovsdbTransactions: 0 });
    expect(await learntOf(world, guest)).toEqual(["2001:db8::5 nd", "2001:db8::8 nd"]);
  });
});
