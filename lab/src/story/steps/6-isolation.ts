import { LoomstackError } from "@loomstack/core";
import { expectThat } from "../expectation.ts";
import { deploy, type Instance } from "../instances.ts";
import { makeNetwork } from "../networks.ts";
import { ping, type PingCount } from "../ping.ts";
import type { Outcome, World } from "../story.ts";
import type { Zone } from "./2-zone.ts";

/**
 * The guests ping each other; a guest that borrows a neighbour's MAC or IP reaches nobody; another network with the
 * same addresses hears nothing.
 */
export async function guestsAreIsolated(
  world: World,
  zone: Zone,
  network: string,
  a1: Instance,
  a2: Instance,
): Promise<Outcome<undefined>> {
  const firstPing = await reaches(a1, a2, 5);
  const otherNetwork = await makeNetwork(world, zone, "tenant-b");
  const [neighbour, b1, b2] = await Promise.all([
    deploy(world, zone, { name: "a3", network, host: 0, address: "192.168.0.13" }),
    deploy(world, zone, { name: "b1", network: otherNetwork, host: 0, address: a1.address }),
    deploy(world, zone, { name: "b2", network: otherNetwork, host: 1, address: a2.address }),
  ]);
  const evidence = {
    ping: firstPing,
    spoofing: await spoofingReachesNobody(neighbour, a1, a2),
    sameAddressesElsewhere: await otherNetworkHearsNothing([a1, a2], [b1, b2], neighbour),
  };
  return { result: undefined, evidence };
}

/** Every ping from one instance to another is answered. */
export async function reaches(from: Instance, to: Instance, count: number): Promise<PingCount> {
  const counted = await ping(from.guest, to.address, count);
  expectThat(
    counted.sent === count && counted.lost === 0,
    `ping from ${from.name} to ${to.name}`,
    { sent: count, lost: 0 },
    counted,
  );
  return counted;
}

async function spoofingReachesNobody(spoofer: Instance, victim: Instance, target: Instance): Promise<object> {
  const honest = await reaches(spoofer, target, 3);
  const asIp = await underOtherName(spoofer, target, [
    "ip address flush dev eth0",
    `ip address add ${victim.address}/24 dev eth0`,
  ]);
  const asMac = await underOtherName(spoofer, target, [
    "ip link set eth0 down",
    `ip link set eth0 address ${victim.mac}`,
    "ip link set eth0 up",
  ]);
  await reaches(victim, target, 3);
  const honestAgain = await reaches(spoofer, target, 3);
  return { honest, withNeighboursIp: asIp, withNeighboursMac: asMac, honestAgain };
}

/** Pings while the guest has changed its addresses with `changes`, and puts them back. */
async function underOtherName(spoofer: Instance, target: Instance, changes: readonly string[]): Promise<PingCount> {
  const restore = [
    "ip link set eth0 down",
    `ip link set eth0 address ${spoofer.mac}`,
    "ip address flush dev eth0",
    `ip address add ${spoofer.address}/24 dev eth0`,
    "ip link set eth0 up",
  ];
  // Who has no neighbour entry only asks: give the spoofer one, so that it sends its forged packets.
  await inGuest(spoofer, [...changes, `arp -i eth0 -s ${target.address} ${target.mac}`]);
  const before = await received(target);
  const counted = await ping(spoofer.guest, target.address, 5);
  const heard = (await received(target)) - before;
  await inGuest(spoofer, restore);
  expectThat(
    counted.sent === 5 && counted.received === 0 && heard === 0,
    `a guest that borrows addresses (${changes.join("; ")})`,
    "5 sent, 0 heard",
    {
      ...counted,
      heard,
    },
  );
  return counted;
}

async function otherNetworkHearsNothing(
  tenantA: readonly Instance[],
  tenantB: readonly Instance[],
  neighbour: Instance,
): Promise<object> {
  const [a1, a2] = tenantA as [Instance, Instance];
  const [b1, b2] = tenantB as [Instance, Instance];
  const inside = await reaches(b1, b2, 3);
  const before = await Promise.all(tenantB.map(received));
  const own = await reaches(a1, a2, 5);
  // Neither is answered: what counts is who hears them.
  await a1.guest.run("ping -c 3 -i 0.2 -W 1 -b 192.168.0.255; arping -c 2 -I eth0 192.168.0.99");
  const heard = (await Promise.all(tenantB.map(received))).map((count, index) => count - (before[index] ?? 0));
  expectThat(
    heard.every((count) => count === 0),
    "packets that tenant B heard while tenant A pinged and broadcast",
    [0, 0],
    heard,
  );
  const foreign = await ping(b1.guest, neighbour.address, 3);
  expectThat(foreign.received === 0, "pings from tenant B to an address that only tenant A has", 0, foreign.received);
  return { insideB: inside, insideA: own, heardByB: heard, fromBToA: foreign };
}

/** Runs commands in a guest, each of which has to succeed. */
async function inGuest({ guest, name }: Instance, commands: readonly string[]): Promise<void> {
  for (const command of commands) {
    const { exitCode, stderr } = await guest.run(command);
    if (exitCode !== 0)
      throw new LoomstackError("LAB__COMMAND_FAILED", { command: `${name}: ${command}`, status: exitCode, stderr });
  }
}

/** Packets that the guest's own network card has received. */
async function received({ guest }: Instance): Promise<number> {
  const { stdout } = await guest.run("cat /sys/class/net/eth0/statistics/rx_packets");
  return Number(stdout.trim());
}

/** The guests ping each other, both ways. */
export async function guestsPing(a1: Instance, a2: Instance): Promise<Outcome<undefined>> {
  return { result: undefined, evidence: { fromA1: await reaches(a1, a2, 5), fromA2: await reaches(a2, a1, 5) } };
}
