import { LoomstackError } from "@loomstack/core";
import { setTimeout as pause } from "node:timers/promises";
import type { LabHypervisor } from "../lab.ts";
import type { ReliabilityWorld } from "./reliability-world.ts";

interface DesiredFlow {
  readonly bridge: string;
  readonly flow: string;
}

const bridges = ["br-int", "br-tun"] as const;
/** How the controller's own cookies begin: what has another one is somebody else's. */
const ownCookie = "cookie=0x4c53";
const lookPauseMs = 30;

/**
 * What is not right yet: a hypervisor that isn't ready, a port that isn't ACTIVE, a flow that the switches hold and the
 * controller doesn't want, or the other way round. Undefined when all is right.
 */
export async function fault({ controller, lab, expected }: ReliabilityWorld): Promise<string | undefined> {
  const hypervisors = await controller.hypervisors();
  const unready = hypervisors.find(({ state }) => state !== "ready");
  if (unready !== undefined) return `${unready.key} is ${unready.state}`;
  if (hypervisors.length !== lab.hypervisors.length) return `there are ${hypervisors.length} hypervisors`;
  const { ports } = await controller.get<{ ports: readonly PortView[] }>("/api/v1/ports");
  const statuses = new Map(ports.map((port) => [port.id, port]));
  for (const id of expected) {
    const port = statuses.get(id);
    if (port?.status !== "ACTIVE") return `port ${id} is ${port?.status ?? "unknown"}: ${port?.reason ?? ""}`;
  }
  for (const [host, hypervisor] of lab.hypervisors.entries()) {
    const key = encodeURIComponent(`OVS/host-${host}`);
    const { flows } = await controller.get<{ flows: readonly DesiredFlow[] }>(`/api/v1/hypervisors/${key}/flows`);
    const difference = await flowDifference(hypervisor, flows);
    if (difference !== undefined) return `${hypervisor.name}: ${difference}`;
  }
  return undefined;
}

/** A port as the controller's own API tells it. */
export interface PortView {
  readonly id: string;
  readonly status: string;
  readonly reason: string;
}

async function flowDifference(hypervisor: LabHypervisor, desired: readonly DesiredFlow[]): Promise<string | undefined> {
  for (const bridge of bridges) {
    const dump = await hypervisor.ofctl("--no-stats", "dump-flows", bridge);
    const held = dump.split("\n").filter((line) => line.includes(ownCookie));
    const wanted = desired.filter((flow) => flow.bridge === bridge).map(({ flow }) => flow);
    const [heldTexts, wantedTexts] = [withoutTables(held), withoutTables(wanted)];
    const different = heldTexts.symmetricDifference(wantedTexts);
    if (held.length !== wanted.length || different.size > 0)
      return `${bridge} holds ${held.length} flows of ${wanted.length}, differing in ${[...different][0] ?? "tables"}`;
  }
  return undefined;
}

/** The controller names tables, ovs-ofctl numbers them: what is left tells flows apart, for a cookie is its owner's. */
function withoutTables(flows: readonly string[]): Set<string> {
  return new Set(flows.map((flow) => flow.trim().replace(/table=\w+, ?|goto_table:\w+/g, "")));
}

/**
 * Waits until all is right, and is still so a second later.
 *
 * @returns when it became right, as performance.now() tells it
 * @throws LAB__TIMEOUT with what isn't right
 */
export async function untilCorrect(world: ReliabilityWorld, timeoutMs: number): Promise<number> {
  const deadline = performance.now() + timeoutMs;
  let correctSince: number | undefined;
  let wrong = "";
  while (performance.now() < deadline) {
    const found = await fault(world).catch((error: unknown) => String(error));
    if (found === undefined) {
      correctSince ??= performance.now();
      if (performance.now() - correctSince >= 1_000) return correctSince;
    } else {
      correctSince = undefined;
      wrong = found;
    }
    await pause(lookPauseMs);
  }
  throw new LoomstackError("LAB__TIMEOUT", { what: `all is right again (last: ${wrong})`, timeoutMs });
}
