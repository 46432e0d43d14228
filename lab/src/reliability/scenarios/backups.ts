import { cp, rm } from "node:fs/promises";
import path from "node:path";
import type { LightGuest } from "../../light-guest.ts";
import { neutron } from "../../story/controller-client.ts";
import { plugGuest, portBody } from "../../story/controller-world.ts";
import type { PortView } from "../correctness.ts";
import { databaseFile, endDaemon, startDaemon } from "../open-vswitch-daemons.ts";
import { addForeignFlow, foreignState } from "../plain-bridges.ts";
import { ownedElsewhere, type ReliabilityWorld } from "../reliability-world.ts";
import type { Scenario } from "../scenario.ts";

const number = 31;

/** The hypervisor's database is what it was before the last port was plugged. */
export const databaseRestored: Scenario = {
  name: "ovsdb-yesterday",
  title: "the hypervisor's OVSDB database restored from a copy made before a port was plugged",
  forwards: true,
  async stage(world) {
    const { hypervisor, expected } = world;
    const file = databaseFile(hypervisor);
    await cp(file, `${file}.yesterday`);
    const today = await plugToday(world);
    await addForeignFlow(hypervisor);
    const foreign = await foreignState(hypervisor);
    return {
      async act() {
        expected.delete(today.portId);
        await endDaemon(hypervisor, "ovsdb-server", "exit");
        await cp(`${file}.yesterday`, file);
        await startDaemon(hypervisor, "ovsdb-server");
      },
      verify: async () => [
        ...different("what is somebody else's", foreign, await foreignState(hypervisor)),
        ...(await portIs(world, today.portId, "DOWN")),
        ...(await pluggedAgain(world, today)),
      ],
      undo: async () => removeToday(world, today),
    };
  },
};

/** The controller's store is what it was before a port was made and another one was deleted. */
export const storeRestored: Scenario = {
  name: "store-yesterday",
  title: "the controller's store restored from a copy made before a port was made and another deleted",
  forwards: true,
  async stage(world) {
    const { controller, server, settings, hypervisor, network, expected } = world;
    const state = path.join(settings.folder, "state");
    const deleted = portBody({ ...network, number: number + 1 });
    await controller.expect(201, "POST", `${neutron}/ports`, { port: deleted });
    await server.stop("SIGTERM");
    await cp(state, `${state}.yesterday`, { recursive: true });
    await server.start();
    await controller.expect(204, "DELETE", `${neutron}/ports/${deleted.id}`);
    const today = await plugToday(world);
    await addForeignFlow(hypervisor);
    const foreign = await foreignState(hypervisor);
    const ports = await hypervisor.vsctl("list-ports", "br-int");
    return {
      async act() {
        expected.delete(today.portId);
        await server.stop("SIGTERM");
        await rm(state, { recursive: true });
        await cp(`${state}.yesterday`, state, { recursive: true });
        await server.start();
      },
      verify: async () => [
        ...different("what is somebody else's", foreign, await foreignState(hypervisor)),
        ...different("the ports of br-int", ports, await hypervisor.vsctl("list-ports", "br-int")),
        ...(await portIs(world, deleted.id, "DOWN")),
        ...(await portIs(world, today.portId, "unknown")),
      ],
      async undo() {
        await today[Symbol.asyncDispose]();
        await controller.expect(204, "DELETE", `${neutron}/ports/${deleted.id}`);
      },
    };
  },
};

type Today = LightGuest & { readonly portId: string; readonly mac: string };

async function plugToday(world: ReliabilityWorld): Promise<Today> {
  const guest = await plugGuest({ ...world, ...ownedElsewhere }, 0, {
    ...world.network,
    number,
  });
  world.expected.add(guest.portId);
  return { ...guest, mac: `02:00:00:00:07:${number.toString(16)}` };
}

async function removeToday({ controller, expected }: ReliabilityWorld, today: Today): Promise<void> {
  expected.delete(today.portId);
  await today[Symbol.asyncDispose]();
  await controller.expect(204, "DELETE", `${neutron}/ports/${today.portId}`);
}

/** Plugs the interface again as libvirt does when the guest is started anew. */
async function pluggedAgain({ controller, hypervisor }: ReliabilityWorld, today: Today): Promise<readonly string[]> {
  const { device, portId, mac } = today;
  await hypervisor.vsctl(
    ...["add-port", "br-int", device, "--", "set", "Interface", device],
    ...[`external_ids:iface-id=${portId}`, `external_ids:attached-mac="${mac}"`],
  );
  return controller.portActive(portId).then(
    () => [],
    (error: unknown) => [`the port that was plugged again is not ACTIVE: ${String(error)}`],
  );
}

async function portIs({ controller }: ReliabilityWorld, id: string, status: string): Promise<readonly string[]> {
  const { ports } = await controller.get<{ ports: readonly PortView[] }>("/api/v1/ports");
  const seen = ports.find((port) => port.id === id)?.status ?? "unknown";
  return seen === status ? [] : [`port ${id} is ${seen}, not ${status}`];
}

function different(what: string, before: string, after: string): readonly string[] {
  return before === after ? [] : [`${what} changed from ${before} to ${after}`];
}
