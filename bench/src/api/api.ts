import { LoomstackError } from "@loomstack/core";
import type { Benchmark, Run } from "../benchmark.ts";
import { load } from "./load.ts";
import { hasNeutron, startNeutron } from "./neutron.ts";
import { deviceOf, makeNetworks, type NetworkingServer, portsOfDevice, project } from "./networking-server.ts";
import { startOurs } from "./ours.ts";

/** How many calls are under way at the same time. */
const width = 8;

interface Sizes {
  /** Ports that are there already. */
  readonly ports: number;
  readonly creates: number;
  readonly shows: number;
  readonly lists: number;
}

/** A server, filled, and the ports that a run has made there. */
interface Side {
  readonly server: NetworkingServer;
  readonly networks: readonly string[];
}

/**
 * The Networking API with many ports: ports that are made, each on disk before it is acknowledged, and shown, and lists of
 * one device's ports.
 */
export const api: Benchmark = {
  bench: "api",
  metrics: {
    "port-create": { unit: "requests/s", better: "higher", goal: 20 },
    "port-create-p99": { unit: "ms", better: "lower" },
    "port-show": { unit: "requests/s", better: "higher" },
    "port-show-p99": { unit: "ms", better: "lower" },
    "port-list": { unit: "requests/s", better: "higher", goal: 10 },
    "port-list-p99": { unit: "ms", better: "lower" },
  },
  peer: "neutron-server",
  runs: 3,
  async prepare(length) {
    const sizes =
      length === "full"
        ? { ports: 10_000, creates: 200, shows: 400, lists: 200 }
        : { ports: 500, creates: 20, shows: 40, lists: 20 };
    await using starting = new AsyncDisposableStack();
    const ours = await filled(starting.use(await startOurs()), sizes);
    const neutron = hasNeutron ? await filled(starting.use(await startNeutron()), sizes) : undefined;
    const running = starting.move();
    return {
      params: { ...sizes, width },
      ours: async (signal) => measured(ours, sizes, signal),
      ...(neutron && { peer: async (signal: AbortSignal) => measured(neutron, sizes, signal) }),
      [Symbol.asyncDispose]: () => running.disposeAsync(),
    };
  },
};

async function filled(server: NetworkingServer, { ports }: Sizes): Promise<Side> {
  const networks = await makeNetworks(server);
  await server.fill(networks, ports);
  const device = deviceOf(ports - 1);
  const found = (await server.client.call(200, "GET", listOf(device))) as { ports: unknown[] };
  const expected = portsOfDevice(ports, device);
  // Who has less to look through is faster.
  if (found.ports.length !== expected)
    throw new LoomstackError("LAB__EXPECTATION_FAILED", {
      what: "ports of a device",
      expected,
      seen: found.ports.length,
    });
  return { server, networks };
}

function listOf(device: string): string {
  return `/ports?device_id=${device}&project_id=${project}`;
}

async function measured({ server, networks }: Side, sizes: Sizes, signal: AbortSignal): Promise<Run> {
  const { client } = server;
  const ids: string[] = [];
  const create = async (number: number): Promise<void> => {
    const network_id = networks[number % networks.length];
    const body = { port: { network_id, project_id: project, name: "made", device_id: "made" } };
    const { port } = (await client.call(201, "POST", "/ports", body)) as { port: { id: string } };
    ids.push(port.id);
  };
  const creates = await load(sizes.creates, width, create, signal);
  const show = async (number: number): Promise<unknown> =>
    client.call(200, "GET", `/ports/${ids[number % ids.length]}`);
  const shows = await load(sizes.shows, width, show, signal);
  const list = async (number: number): Promise<unknown> => client.call(200, "GET", listOf(deviceOf(number)));
  const lists = await load(sizes.lists, width, list, signal);
  return {
    figures: {
      ...{ "port-create": creates.perSec, "port-create-p99": creates.p99Ms },
      ...{ "port-show": shows.perSec, "port-show-p99": shows.p99Ms },
      ...{ "port-list": lists.perSec, "port-list-p99": lists.p99Ms },
    },
  };
}
