import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { until } from "../../condition.ts";
import { hypervisorAt } from "../../lab.ts";
import { neutron } from "../../story/controller-client.ts";
import { cutConnection, slowDown } from "../connection-cut.ts";
import type { ReliabilityWorld } from "../reliability-world.ts";
import type { Scenario, Staged } from "../scenario.ts";
import { countCommits, endOfLog, flowModsIn, readLog } from "../switch-log.ts";

const portCount = 300;
/** Slow enough that a bundle of so many ports takes most of a second. */
const rate = "2mbit";
/** The bundle is cut when the switch has received so many of its messages. */
const receivedAtCut = 50;
const cutSec = 20;

/** A network of 300 ports is switched on, and the connection is cut while its flows are on their way. */
export const cutInBundle: Scenario = {
  name: "cut-in-bundle",
  title: `connection cut for ${cutSec} s in the middle of a bundle (a network with ${portCount} ports is switched on)`,
  forwards: true,
  stage: bigNetwork,
};

async function bigNetwork(world: ReliabilityWorld): Promise<Staged> {
  const { controller, lab, hypervisor, expected } = world;
  const network = randomUUID();
  const ids = Array.from({ length: portCount }, () => randomUUID());
  await controller.expect(201, "POST", `${neutron}/networks`, {
    network: { id: network, name: "big", tenant_id: "t", admin_state_up: false },
  });
  await controller.expect(201, "POST", `${neutron}/ports`, {
    ports: ids.map((id, index) => ({
      ...{ id, network_id: network, tenant_id: "t", admin_state_up: true, fixed_ips: [] },
      mac_address: `02:00:00:01:${hexByte(index >> 8)}:${hexByte(index & 255)}`,
    })),
  });
  const [here = "", ...elsewhere] = ids;
  await addInterfaces(world, 0, [here]);
  await addInterfaces(world, 1, elsewhere);
  let note = "";
  return {
    async act() {
      note = await cutWhileSending(world, async () => {
        await controller.expect(200, "PUT", `${neutron}/networks/${network}`, { network: { admin_state_up: true } });
      });
      for (const id of ids) expected.add(id);
    },
    note: () => note,
    async undo() {
      for (const id of ids) expected.delete(id);
      for (const on of [hypervisor, hypervisorAt(lab, 1)])
        await on.vsctl(...removal(await on.vsctl("list-ports", "br-int")));
      for (const id of ids) await controller.expect(204, "DELETE", `${neutron}/ports/${id}`);
      await controller.expect(204, "DELETE", `${neutron}/networks/${network}`);
    },
  };
}

/** @returns where the bundle was cut, in words */
async function cutWhileSending({ lab, hypervisor }: ReliabilityWorld, begin: () => Promise<void>): Promise<string> {
  const log = await endOfLog(hypervisor.ovsLogFile);
  let received: string;
  {
    await using _slow = await slowDown(hypervisor, rate);
    await begin();
    const started = async (): Promise<boolean> => flowModsIn(await readLog(log)).length >= receivedAtCut;
    await until("a part of the bundle is received", started, { timeoutMs: 20_000, pauseMs: 5 });
    await using _cut = await cutConnection(lab, hypervisor);
    await pause(1_000);
    const text = await readLog(log);
    received = `cut when ${flowModsIn(text).length} flows of the bundle were received, ${countCommits(text)} bundles committed`;
    await pause((cutSec - 1) * 1000);
  }
  return received;
}

async function addInterfaces({ lab }: ReliabilityWorld, host: number, ids: readonly string[]): Promise<void> {
  const added = ids.flatMap((id) => {
    const device = `big${id.slice(0, 11)}`;
    return [
      ...["--", "add-port", "br-int", device, "--", "set", "Interface", device],
      ...["type=internal", `external_ids:iface-id=${id}`],
    ];
  });
  await hypervisorAt(lab, host).vsctl(...added);
}

function removal(ports: string): string[] {
  const devices = ports.split("\n").filter((name) => name.startsWith("big"));
  return devices.flatMap((device) => ["--", "del-port", "br-int", device]);
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, "0");
}
