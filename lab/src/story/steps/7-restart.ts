import { setTimeout as pause } from "node:timers/promises";
import { until } from "../../condition.ts";
import { expectThat } from "../expectation.ts";
import type { Instance } from "../instances.ts";
import { parsePing } from "../ping.ts";
import type { Evidence, Outcome, World } from "../story.ts";
import { SwitchWitness } from "../switch-witness.ts";

const pingsPerSec = 10;
const pingSec = 12;
/** How long the ping runs before the controller is killed, and then without a controller. */
const undisturbedMs = 1_500;
const deadMs = 1_500;
const readyLimitMs = 20_000;
const repairLimitMs = 1_000;

/** The controller is killed in the middle of a ping and started again; then somebody deletes a flow by hand. */
export async function controllerMayDie(world: World, from: Instance, to: Instance): Promise<Outcome<undefined>> {
  return {
    result: undefined,
    evidence: { killed: await killedAndRestarted(world, from, to), driftRepaired: await driftIsRepaired(world, from) },
  };
}

async function killedAndRestarted(world: World, from: Instance, to: Instance): Promise<Evidence> {
  const witnesses = world.lab.hypervisors.map((hypervisor) => new SwitchWitness(hypervisor));
  await Promise.all(witnesses.map(async (witness) => witness.begin()));
  const pinging = await from.guest.spawn(`ping -c ${pingsPerSec * pingSec} -i ${1 / pingsPerSec} -W 1 ${to.address}`);
  await pause(undisturbedMs);
  const killed = performance.now();
  await world.controllerServer.stop("SIGKILL");
  await pause(deadMs);
  await world.controllerServer.start();
  await allReady(world);
  const readyMs = Math.round(performance.now() - killed);
  const counted = parsePing((await pinging.result()).stdout);
  const testimonies = await Promise.all(witnesses.map(async (witness) => witness.end()));
  const flowMods = testimonies.reduce((sum, testimony) => sum + testimony.flowMods, 0);
  const changedFlows = testimonies.reduce((sum, testimony) => sum + testimony.changedFlows, 0);
  expectThat(
    counted.sent === pingsPerSec * pingSec && counted.lost === 0,
    "ping while the controller was killed and restarted",
    "none lost",
    counted,
  );
  expectThat(
    flowMods === 0 && changedFlows === 0,
    "flow mods that the switches received from the restarted controller",
    0,
    { flowMods, changedFlows },
  );
  return {
    signal: "SIGKILL",
    packetsSent: counted.sent,
    packetsLost: counted.lost,
    flowModsSeenBySwitches: flowMods,
    flowsKept: testimonies.reduce((sum, testimony) => sum + testimony.keptFlows, 0),
    youngestFlowSec: Math.min(...testimonies.map((testimony) => testimony.youngestFlowSec)),
    killedToReadyMs: readyMs,
  };
}

/** Waits until the controller has connected every hypervisor again and found its flows. @throws LAB__TIMEOUT */
async function allReady({ controller, lab }: World): Promise<void> {
  const look = async (): Promise<boolean> => {
    const hypervisors = await controller.hypervisors();
    return hypervisors.length === lab.hypervisors.length && hypervisors.every(({ state }) => state === "ready");
  };
  await until("all hypervisors are ready after the restart", look, { timeoutMs: readyLimitMs });
}

async function driftIsRepaired(world: World, instance: Instance): Promise<Evidence> {
  const match = `table=30,dl_dst=${instance.mac}`;
  const count = async (): Promise<number> =>
    (await instance.hypervisor.ofctl("dump-flows", "br-int", match))
      .split("\n")
      .filter((line) => line.includes("actions=")).length;
  const before = await count();
  expectThat(before > 0, `flows with ${match}`, "some", before);
  const since = (await world.controller.events()).at(-1)?.id ?? 0;
  const witness = new SwitchWitness(instance.hypervisor);
  await witness.begin();
  await instance.hypervisor.ofctl("del-flows", "br-int", match);
  const deleted = performance.now();
  await until("a flow deleted by hand is back", async () => (await count()) === before, {
    timeoutMs: 5 * repairLimitMs,
    pauseMs: 20,
  });
  const repairedMs = Math.round(performance.now() - deleted);
  expectThat(repairedMs <= repairLimitMs, "ms until a flow deleted by hand was back", repairLimitMs, repairedMs);
  const recorded = (await world.controller.events(since)).find(({ kind }) => kind === "drift-repaired");
  expectThat(recorded !== undefined, "event of the repair", "drift-repaired", "none");
  const { flowMods } = await witness.end();
  expectThat(
    flowMods > 0,
    "flow mods that the switch received for the repair (the witness sees them when there are any)",
    "some",
    flowMods,
  );
  return { deleted: match, backAfterMs: repairedMs, flowModsSeenBySwitch: flowMods, event: recorded.message };
}
