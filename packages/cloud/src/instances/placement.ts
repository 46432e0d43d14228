import { LoomstackError, type Uuid } from "@loomstack/core";
import { allocatedMemoryMib, type Host, hosts, type Instance, instances, zones } from "@loomstack/model";
import type { CloudContext } from "../context.ts";

export interface Candidate {
  readonly host: Host;
  /** Why it can't be used; undefined when it can. */
  readonly problem: string | undefined;
  readonly allocatedMib: number;
}

/**
 * The host that has promised least of its memory, among those that can be used and have room. Hosts whose memory isn't
 * limited are compared by what they have promised.
 *
 * @param requestedHostId the only host to consider, where there is one
 * @throws CLOUD__NO_CAPACITY with the reason for each host
 */
export function chooseHost(
  candidates: readonly Candidate[],
  memoryMib: number,
  zone: string,
  requestedHostId: Uuid | null,
): Host {
  const considered = candidates.filter(({ host }) => requestedHostId === null || host.id === requestedHostId);
  const problems = considered.map((candidate) => problemOf(candidate, memoryMib));
  const usable = considered.filter((_, index) => problems[index] === undefined);
  const [best] = usable.toSorted(
    (one, other) =>
      load(one) - load(other) || one.allocatedMib - other.allocatedMib || one.host.name.localeCompare(other.host.name),
  );
  if (best !== undefined) return best.host;
  const reasons = considered.map(({ host }, index) => `${host.name}: ${problems[index] ?? ""}`);
  throw new LoomstackError("CLOUD__NO_CAPACITY", { zone, memoryMib, reason: reasons.join("; ") || "it has no host" });
}

function problemOf({ host, problem, allocatedMib }: Candidate, memoryMib: number): string | undefined {
  if (problem !== undefined) return problem;
  if (host.allocationState !== "Enabled") return "it is disabled";
  const freeMib = host.memoryMib === null ? Infinity : host.memoryMib - allocatedMib;
  return memoryMib <= freeMib ? undefined : `it has ${freeMib} MiB left`;
}

function load({ host, allocatedMib }: Candidate): number {
  return host.memoryMib === null ? 0 : allocatedMib / host.memoryMib;
}

/** Gives a starting instance its host, if it has none yet, and writes that down. */
export async function place(
  context: CloudContext,
  instanceId: Uuid,
  requestedHostId: Uuid | null,
): Promise<{ instance: Instance; host: Host }> {
  await context.connections.settled();
  const { result } = await context.store.transact(async (tx) => {
    const instance = await instances.get(tx.db, instanceId);
    if (instance.hostId !== null) return { instance, host: await hosts.get(tx.db, instance.hostId) };
    const zone = await zones.get(tx.db, instance.zoneId);
    const allocated = await allocatedMemoryMib(tx.db);
    const candidates = (await hosts.list(tx.db, { zoneId: zone.id })).map((host) => ({
      host,
      problem: problemOfConnection(context, host),
      allocatedMib: allocated.get(host.id) ?? 0,
    }));
    const host = chooseHost(candidates, instance.memoryMib, zone.name, requestedHostId);
    return { instance: await instances.update(tx, instanceId, { hostId: host.id }), host };
  });
  return result;
}

function problemOfConnection(context: CloudContext, host: Host): string | undefined {
  const { state, reason } = context.connections.status(host.id);
  return state === "Up" ? undefined : `it is ${state}: ${reason}`;
}
