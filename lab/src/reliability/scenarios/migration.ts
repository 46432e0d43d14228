import { until } from "../../condition.ts";
import { hypervisorAt, type LabHypervisor } from "../../lab.ts";
import { requireCommand } from "../../process.ts";
import { neutron } from "../../story/controller-client.ts";
import { domainMac, domainXml, interfaceId, type TestDomain } from "../../test-domain.ts";
import { startPings, type StreamCount } from "../packet-stream.ts";
import { plainBridge } from "../plain-bridges.ts";
import type { Pair, ReliabilityWorld } from "../reliability-world.ts";
import type { Scenario } from "../scenario.ts";

/** Its first interface is in a network of the controller's. */
const domain: TestDomain = {
  number: 5,
  interfaces: [
    { address: "192.168.7.5", bridge: "br-int" },
    { address: "192.168.8.5", bridge: plainBridge },
  ],
};
const name = `guest${domain.number}`;
const portId = interfaceId(domain, 0);
const pauseMs = 100;
/** Of two streams that don't tick at the same moment, one may have a packet more in the same silence. */
const outOfStepMs = pauseMs;
const bootMs = 60_000;

/**
 * A virtual machine with one interface in a network of the controller's and another on the plain bridges, so that both
 * see the same migration: what the plain one loses is QEMU's, libvirt's and Open vSwitch's, the rest would be ours.
 */
export const guestMigrated: Scenario = {
  name: "live-migration",
  title: "a guest migrated live by libvirt, from the other hypervisor to this one",
  // The guest's memory travels the same way as packets do: on a busy machine Open vSwitch drops some of them.
  forwards: false,
  async stage(world) {
    const source = hypervisorAt(world.lab, 1);
    const [ours, plain] = await plugDomain(world, source);
    let counts: readonly [ours: StreamCount, plain: StreamCount] | undefined;
    return {
      async act() {
        const streams = [startPings(ours, pauseMs), startPings(plain, pauseMs)] as const;
        await migrate(source, world.hypervisor);
        await Promise.all([ours, plain].map(untilItAnswers));
        counts = await Promise.all([streams[0].stop(), streams[1].stop()]);
      },
      verify: async () => Promise.resolve(silentLonger(counts)),
      note: () => (counts === undefined ? "" : `its own pings, ten a second: ${counts.map(lostText).join(", plain ")}`),
      undo: async () => removeDomain(world),
    };
  },
};

type Pinger = Omit<Pair, "name" | "to">;

/** Starts the virtual machine on `source`, and waits until guests of the other hypervisor reach both of its interfaces. */
async function plugDomain(world: ReliabilityWorld, source: LabHypervisor): Promise<readonly [Pinger, Pinger]> {
  const { controller, network, hypervisor, expected, lab } = world;
  const [first, second] = domain.interfaces;
  const from = (pair: Pair["name"]): Pair["from"] | undefined => world.pairs.find((one) => one.name === pair)?.from;
  const [fromOurs, fromPlain] = [from("local"), from("plain local")];
  if (first === undefined || second === undefined || fromOurs === undefined || fromPlain === undefined)
    throw new TypeError("there are two pairs to ping from, and two interfaces");
  const port = {
    ...{ id: portId, name: "", tenant_id: "t", network_id: network.network, device_id: "", admin_state_up: true },
    mac_address: domainMac(domain, 0),
    fixed_ips: [{ subnet_id: network.subnet, ip_address: first.address }],
  };
  await controller.expect(201, "POST", `${neutron}/ports`, { port });
  await virsh(source, "create", await domainXml(lab, domain));
  expected.add(portId);
  const pingers = [
    { hypervisor, from: fromOurs, address: first.address },
    { hypervisor, from: fromPlain, address: second.address },
  ] as const;
  await Promise.all(pingers.map(untilItAnswers));
  return pingers;
}

async function untilItAnswers({ from, address }: Pinger): Promise<void> {
  const answers = async (): Promise<boolean> =>
    (await from.run("ping", ["-c", "1", "-W", "1", address])).exitCode === 0;
  await until(`${address} answers`, answers, { timeoutMs: bootMs });
}

async function migrate(from: LabHypervisor, to: LabHypervisor): Promise<void> {
  const where = [to.libvirtUri, "--migrateuri", `tcp://${to.address}:49152`];
  await virsh(from, "migrate", "--live", "--unsafe", name, ...where);
}

async function removeDomain({ controller, hypervisor, expected }: ReliabilityWorld): Promise<void> {
  expected.delete(portId);
  await virsh(hypervisor, "destroy", name);
  await controller.expect(204, "DELETE", `${neutron}/ports/${portId}`);
}

async function virsh(hypervisor: LabHypervisor, ...args: readonly string[]): Promise<void> {
  await requireCommand("virsh", ["-c", hypervisor.libvirtUri, ...args]);
}

function silentLonger(counts: readonly [ours: StreamCount, plain: StreamCount] | undefined): string[] {
  if (counts === undefined || counts[0].sent === 0) return ["the guest was not pinged"];
  const [ours, plain] = counts;
  // What is lost one by one, before the guest moves, is what Open vSwitch drops of either stream beside the memory.
  return ours.longestSilenceMs <= plain.longestSilenceMs + outOfStepMs
    ? []
    : [`the guest was silent: in the controller's network ${lostText(ours)}, on the plain bridges ${lostText(plain)}`];
}

function lostText({ sent, lost, longestSilenceMs }: StreamCount): string {
  return `${lost} of ${sent} lost, ${longestSilenceMs / 1000} s of them in a row`;
}
