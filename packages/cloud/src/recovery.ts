/**
 * What a process does first when it opens a store that another one left: no state that only a working process may leave
 * stays.
 */
import { messageOf, type Uuid } from "@loomstack/core";
import { guestNetworks, type Instance, instances, nics, unfinishedJobs } from "@loomstack/model";
import type { CloudContext } from "./context.ts";
import type { InstanceStarter } from "./instances/start-instance.ts";
import type { InstanceStopper } from "./instances/stop-instance.ts";
import { exclusively, type TaskQueue } from "./jobs/task-queue.ts";
import { networkStates } from "./states/network-states.ts";

export interface RecoveryParts {
  readonly queue: TaskQueue;
  readonly starter: InstanceStarter;
  readonly stopper: InstanceStopper;
}

const reason = "the server ended while it was at work on it";

/** Ends what no unfinished job will end: to be called before those are taken up. */
export async function recover(context: CloudContext, parts: RecoveryParts): Promise<void> {
  const owned = new Set((await unfinishedJobs(context.store.db)).map((job) => job.subjectId));
  await failImplementing(context);
  for (const state of ["Starting", "Stopping"] as const) {
    const orphans = (await instances.list(context.store.db, { state })).filter(({ id }) => !owned.has(id));
    for (const instance of orphans) endLater(context, parts, instance);
  }
}

/** A network that a starting instance still needs goes on being implemented; the others go the way of a failure. */
async function failImplementing(context: CloudContext): Promise<void> {
  await context.store.transact(async (tx) => {
    const needed = new Set<Uuid>();
    for (const instance of await instances.list(tx.db, { state: "Starting" })) {
      for (const nic of await nics.list(tx.db, { instanceId: instance.id })) needed.add(nic.networkId);
    }
    for (const { id, state } of await guestNetworks.list(tx.db, { state: "Implementing" })) {
      if (needed.has(id)) continue;
      await guestNetworks.update(tx, id, {
        state: networkStates.next(state, "OperationFailed", id),
        stateReason: reason,
      });
    }
  });
}

function endLater(context: CloudContext, parts: RecoveryParts, instance: Instance): void {
  const work = async (signal: AbortSignal): Promise<void> => {
    const request = { instanceId: instance.id, hostId: null, isFirst: instance.lastHostId === null };
    if (instance.state === "Starting") await parts.starter.undo(request, reason, signal);
    else await parts.stopper.stop(instance.id, true, signal);
  };
  parts.queue.run([exclusively(`instance:${instance.id}`)], work).catch((error: unknown) => {
    context.logger.error(
      { instance: instance.id, error: messageOf(error) },
      "an instance that was being worked on could not be brought to rest",
    );
  });
}
