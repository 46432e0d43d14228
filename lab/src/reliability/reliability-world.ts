import { randomUUID } from "node:crypto";
import type { Logger } from "@loomstack/core";
import { createLab, hypervisorAt, type LabHypervisor } from "../lab.ts";
import { createLightGuest, type LightGuest } from "../light-guest.ts";
import { ControllerClient } from "../story/controller-client.ts";
import { connectPath, type ControllerWorld, makeNetwork, plugGuest } from "../story/controller-world.ts";
import { createServerFolder } from "../story/server-folder.ts";
import { ServerProcess, type ServerSettings } from "../story/server-process.ts";
import { makePlainBridges, plainBridge } from "./plain-bridges.ts";

/** Two guests that have spoken with each other, of which the first pings the second. */
export interface Pair {
  readonly name: "local" | "overlay" | "plain local" | "plain overlay";
  readonly hypervisor: LabHypervisor;
  readonly from: LightGuest;
  readonly to: LightGuest;
  readonly address: string;
}

/**
 * The lab with the controller, and four pairs of guests: on one hypervisor and across two, in a network of the
 * controller's and, beside it, on plain bridges that nobody controls: the floor that Open vSwitch itself sets.
 */
export interface ReliabilityWorld extends ControllerWorld {
  readonly settings: ServerSettings;
  /** The hypervisor that things happen to. */
  readonly hypervisor: LabHypervisor;
  readonly network: { readonly network: string; readonly subnet: string };
  readonly pairs: readonly Pair[];
  /** The ports that have to be ACTIVE for all to be right. */
  readonly expected: Set<string>;
}

export async function openReliabilityWorld(logger: Logger): Promise<ReliabilityWorld> {
  await using stack = new AsyncDisposableStack();
  const lab = stack.use(await createLab({ logger }));
  const settings: ServerSettings = {
    name: "controller",
    folder: stack.use(await createServerFolder()).path,
    halves: ["controller"],
    httpPort: 8181,
    openflowHost: lab.controllerAddress,
  };
  const server = stack.use(new ServerProcess(settings));
  await server.start();
  const controller = new ControllerClient(server.url, await server.administrator());
  for (const host of lab.hypervisors.keys()) await controller.expect(200, "PUT", connectPath(lab, host));
  const network = await makeNetwork(controller, "vxlan");
  const hypervisor = hypervisorAt(lab, 0);
  const guests: (LightGuest & { readonly portId: string })[] = [];
  for (const { host, number } of places)
    guests.push(
      stack.use(await plugGuest({ lab, server, controller, ...ownedElsewhere }, host, { ...network, number })),
    );
  await makePlainBridges(lab);
  const plainGuests: LightGuest[] = [];
  for (const { host, number } of places)
    plainGuests.push(stack.use(await createLightGuest(hypervisorAt(lab, host), plainGuest(number))));
  const expected = new Set(guests.map(({ portId }) => portId));
  const pairs = [
    ...pairsOf(hypervisor, guests, ["local", "overlay"], "192.168.7"),
    ...pairsOf(hypervisor, plainGuests, ["plain local", "plain overlay"], "192.168.8"),
  ];
  const resources = stack.move();
  const dispose = { [Symbol.asyncDispose]: async () => resources.disposeAsync() };
  return { lab, server, controller, settings, hypervisor, network, expected, pairs, ...dispose };
}

/** Where guests are, and the last numbers of their addresses: the first one sends to the others. */
const places = [
  { host: 0, number: 11 },
  { host: 0, number: 12 },
  { host: 1, number: 13 },
] as const;

function pairsOf(
  hypervisor: LabHypervisor,
  [from, ...others]: readonly LightGuest[],
  names: readonly [Pair["name"], Pair["name"]],
  prefix: string,
): Pair[] {
  if (from === undefined) return [];
  return names.flatMap((name, index) => {
    const to = others[index];
    return to === undefined
      ? []
      : [{ name, hypervisor, from, to, address: `${prefix}.${places[index + 1]?.number ?? 0}` }];
  });
}

/** For a world whose parts another one owns. */
export const ownedElsewhere = { [Symbol.asyncDispose]: async () => Promise.resolve() };

function plainGuest(number: number): Parameters<typeof createLightGuest>[1] {
  return {
    portId: randomUUID(),
    mac: `02:00:00:00:08:${number.toString(16).padStart(2, "0")}`,
    address: `192.168.8.${number}/24`,
    bridge: plainBridge,
  };
}
