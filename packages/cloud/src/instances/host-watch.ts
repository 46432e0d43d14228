/**
 * Follows what hypervisors say of domains: a guest that ends by itself is noticed, and after a connection was lost what
 * we believe is compared with what is there. A domain that isn't an instance's is never touched.
 */
import { type Logger, type Uuid } from "@loomstack/core";
import { type Host, instances } from "@loomstack/model";
import type { CloudContext } from "../context.ts";
import type { DomainState, Hypervisor } from "../hypervisor/hypervisor.ts";
import { exclusively, type TaskQueue } from "../jobs/task-queue.ts";
import type { InstanceStopper } from "./stop-instance.ts";

const isAlive = (state: DomainState): boolean => state !== "stopped" && state !== "crashed";

/** Begins to follow; disposing ends it. */
export function watchHosts(context: CloudContext, queue: TaskQueue, stopper: InstanceStopper): Disposable {
  const pending = new Set<Uuid>();
  const compareLater = (instanceId: Uuid, host: Host, reason: string): void => {
    if (pending.has(instanceId)) return;
    pending.add(instanceId);
    const work = (signal: AbortSignal): Promise<void> => {
      pending.delete(instanceId);
      return compare(context, stopper, instanceId, host, reason, signal);
    };
    queue
      .run([exclusively(`instance:${instanceId}`)], work)
      .catch(logFailure(context.logger, queue, host))
      .finally(() => pending.delete(instanceId));
  };

  const connected = context.connections.connected.add(({ host, hypervisor }) => {
    suspects(context, host, hypervisor)
      .then((ids) => ids.forEach((id) => compareLater(id, host, "its domain was gone when its host was connected to")))
      .catch(logFailure(context.logger, queue, host));
  });
  const domainEvents = context.connections.domainEvents.add(({ host, event }) => {
    if (!isAlive(event.state)) compareLater(event.uuid, host, event.reason);
  });
  const changes = context.connections.changes.add(({ host, status }) => {
    if (status.state === "Connecting") return;
    const severity = status.state === "Up" ? "info" : "warning";
    void context.events.note({
      severity,
      kind: "HOST.STATE",
      host: host.id,
      object: host.id,
      message: `host ${host.name} is ${status.state}: ${status.reason}`,
    });
  });
  return {
    [Symbol.dispose]() {
      for (const registration of [connected, domainEvents, changes]) registration[Symbol.dispose]();
    },
  };
}

/** The instances for which the host and the store don't say the same. */
async function suspects(context: CloudContext, host: Host, hypervisor: Hypervisor): Promise<readonly Uuid[]> {
  const alive = new Set((await hypervisor.listDomains()).filter(({ state }) => isAlive(state)).map(({ uuid }) => uuid));
  const here = await instances.list(context.store.db, { hostId: host.id });
  const expected = new Set(here.filter(({ state }) => state === "Running").map(({ id }) => id));
  const missing = here.filter(({ id, state }) => state !== "Running" || !alive.has(id)).map(({ id }) => id);
  return [...missing, ...[...alive].filter((id) => !expected.has(id) && !missing.includes(id))];
}

async function compare(
  context: CloudContext,
  stopper: InstanceStopper,
  id: Uuid,
  host: Host,
  reason: string,
  signal: AbortSignal,
): Promise<void> {
  const instance = await instances.find(context.store.db, id);
  // Starting and Stopping belong to a job, which will find out by itself.
  if (instance === undefined || instance.state === "Starting" || instance.state === "Stopping") return;
  const isHere = instance.hostId === host.id;
  const hypervisor = await context.connections.hypervisor(host.id);
  const alive = (await hypervisor.listDomains()).some((domain) => domain.uuid === id && isAlive(domain.state));
  if (isHere && instance.state === "Running") {
    if (!alive) await stopper.noteStopped(id, reason, signal);
    return;
  }
  if (alive) await hypervisor.destroyDomain(id);
  if (isHere) await context.store.transact((tx) => instances.update(tx, id, { hostId: null }));
}

function logFailure(logger: Logger, queue: TaskQueue, host: Host): (error: unknown) => void {
  return (error) => {
    if (!queue.signal.aborted)
      logger.warn(
        { host: host.name, error },
        "a host's domains could not be compared with its instances; it is done when it connects again",
      );
  };
}
