/**
 * The controller in a process of its own, so that its processor time and memory are its own: `node
 * controller-main.ts <store file> <OpenFlow port>`. Says on which port it listens when it has started, answers calls,
 * and ends when nobody is left who calls.
 */
import { subscribe } from "node:diagnostics_channel";
import { mkdir, writeFile } from "node:fs/promises";
import { Session } from "node:inspector/promises";
import type { Socket } from "node:net";
import path from "node:path";
import { type Ipv4, LoomstackError, messageOf, silentLogger, systemClock, type Uuid } from "@loomstack/core";
import { type Controller, startController } from "@loomstack/fabric";
import { createNetwork, createPort, createSubnet, openSqliteStore, type Store, type Tx } from "@loomstack/model";
import type { AnswerMessage, CallMessage, CallName, ControllerCalls, ControllerCounts } from "./controller-calls.ts";
import { networkId, portsOf, subnet, subnetId, type Work, type WorkPort } from "./work.ts";

const timeLimitMs = 600_000;
const localhost = "127.0.0.1" as Ipv4;
const nobody = { name: "", tenantId: "bench" };
/** How often the processor is looked at while a profile is taken. */
const profileIntervalUs = 500;

const [storeFile = "", openflowPort = "0"] = process.argv.slice(2);
const switches = new Set<Socket>();
subscribe("net.server.socket", (message) => {
  switches.add((message as { readonly socket: Socket }).socket);
});
process.on("disconnect", () => process.exit());
const inspector = new Session();
const store = await openSqliteStore(storeFile);
const controller = await startController({
  ...{ store, clock: systemClock, random: Math.random, logger: silentLogger },
  openflow: { host: localhost, port: Number(openflowPort) },
});

const calls: {
  readonly [Name in CallName]: (parameter: ControllerCalls[Name][0]) => Promise<ControllerCalls[Name][1]>;
} = {
  connect: (nodes) => connectAll(controller, nodes),
  load: (work) => load(store, work),
  addPort: async (port) => {
    await store.transact((tx) => makePort(tx, port));
    return null;
  },
  active: (ports) => allActive(controller, ports),
  counts: () => Promise.resolve(countsOf(controller)),
  startProfile: startProfile,
  endProfile: endProfile,
};
process.on("message", (message) => void answer(message as CallMessage));
say({ openflowPort: controller.openflowPort });

async function answer({ id, call, parameter }: CallMessage): Promise<void> {
  try {
    // The caller's types say that the parameter is that of the call.
    say({ id, answer: await (calls[call] as (given: unknown) => Promise<unknown>)(parameter) });
  } catch (error) {
    say({ id, error: messageOf(error) });
  }
}

function say(message: AnswerMessage): void {
  process.send?.(message);
}

async function connectAll({ hypervisors }: Controller, nodes: ControllerCalls["connect"][0]): Promise<null> {
  const signal = AbortSignal.timeout(timeLimitMs);
  await Promise.all(
    nodes.map(({ index, port }) =>
      hypervisors.connect({ type: "OVS", id: `h${index}`, address: localhost, port }, signal),
    ),
  );
  return null;
}

async function load(into: Store, work: Work): Promise<null> {
  await into.transact(async (tx) => {
    for (let network = 0; network < work.networks; network += 1) await makeNetwork(tx, network);
    for (const port of portsOf(work)) await makePort(tx, port);
  });
  return null;
}

async function makeNetwork(tx: Tx, network: number): Promise<void> {
  const id = networkId(network);
  const settings = { shared: false, adminStateUp: true, networkType: "vxlan", segmentationId: null } as const;
  await createNetwork(tx, { id, ...nobody, ...settings });
  const prefix = { cidr: subnet, gatewayIp: null, enableDhcp: false };
  await createSubnet(tx, { id: subnetId(network), networkId: id, ...nobody, ...prefix });
}

async function makePort(tx: Tx, { id, network, mac, ip }: WorkPort): Promise<void> {
  const fixedIps = [{ subnetId: subnetId(network), ipAddress: ip }];
  const place = { id, networkId: networkId(network), macAddress: mac, fixedIps };
  await createPort(tx, { ...place, ...nobody, deviceId: "", deviceOwner: "", adminStateUp: true });
}

/** Waits for one at a time: who waits is asked at every event, and is to cost nothing. */
async function allActive({ realised }: Controller, ports: readonly Uuid[]): Promise<null> {
  const signal = AbortSignal.timeout(timeLimitMs);
  for (const id of ports) {
    const { status, reason } = await realised.portSettled(id, signal);
    if (status !== "ACTIVE")
      throw new LoomstackError("LAB__EXPECTATION_FAILED", { what: `port ${id}`, expected: "ACTIVE", seen: reason });
  }
  return null;
}

function countsOf({ hypervisors }: Controller): ControllerCounts {
  const all = hypervisors.list();
  const sum = (figures: readonly number[]): number => figures.reduce((total, figure) => total + figure, 0);
  return {
    flows: sum(all.flatMap(({ bridges }) => bridges.map(({ flows }) => flows))),
    flowModsSent: sum(all.map(({ counters }) => counters.flowModsSent)),
    ovsdbTransactions: sum(all.map(({ counters }) => counters.ovsdbTransactions)),
    openflowBytes: sum([...switches].map(({ bytesWritten }) => bytesWritten)),
  };
}

async function startProfile(): Promise<null> {
  inspector.connect();
  await inspector.post("Profiler.enable");
  await inspector.post("Profiler.setSamplingInterval", { interval: profileIntervalUs });
  await inspector.post("Profiler.start");
  return null;
}

async function endProfile(file: string): Promise<null> {
  const { profile } = await inspector.post("Profiler.stop");
  inspector.disconnect();
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(profile));
  return null;
}
