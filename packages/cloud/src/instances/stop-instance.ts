/** Stops instances, whether asked to or because they ended by themselves, and takes them away for good. */
import { LoomstackError, messageOf, type Uuid } from "@loomstack/core";
import { type Instance, instances, nics } from "@loomstack/model";
import type { CloudContext } from "../context.ts";
import { noteIdleness } from "../networks/network-lifecycle.ts";
import { type InstanceEvent, instanceStates } from "../states/instance-states.ts";
import { markReleasing, type Ports } from "./ports.ts";

export interface InstanceStopper {
  /**
   * Ends the domain at once and has the controller forget the ports; one that is stopped already is fine. With
   * `forced`, an instance on a host that can't be asked counts as stopped: its domain is ended when the host is back.
   *
   * @throws CLOUD__HOST_UNAVAILABLE and what the hypervisor says; the instance then runs as before
   */
  stop(instanceId: Uuid, forced: boolean, signal: AbortSignal): Promise<Instance>;
  /** Notes that the domain of a running instance is gone. */
  noteStopped(instanceId: Uuid, reason: string, signal: AbortSignal): Promise<void>;
  destroy(instanceId: Uuid, signal: AbortSignal): Promise<Instance>;
  /**
   * Leaves nothing of a destroyed instance.
   *
   * @throws CLOUD__CLEANUP_PENDING, CLOUD__HOST_UNAVAILABLE: it is Expunging then, and is tried again
   */
  expunge(instanceId: Uuid, signal: AbortSignal): Promise<void>;
}

export function instanceStopper(context: CloudContext, ports: Ports): InstanceStopper {
  const { store, clock, events } = context;

  const move = async (id: Uuid, event: InstanceEvent, patch: Partial<Instance>): Promise<Instance> => {
    const { result } = await store.transact(async (tx) => {
      const { state } = await instances.get(tx.db, id);
      return instances.update(tx, id, { ...patch, state: instanceStates.next(state, event, id) });
    });
    return result;
  };

  /** From Stopping or Running to Stopped, with the ports marked in the same transaction. */
  const settle = async (id: Uuid, event: InstanceEvent, stateReason: string, keepHost: boolean): Promise<Instance> => {
    const { result } = await store.transact(async (tx) => {
      const { state, hostId } = await instances.get(tx.db, id);
      await markReleasing(tx, id, false);
      const patch = { state: instanceStates.next(state, event, id), stateReason, lastHostId: hostId };
      return instances.update(tx, id, keepHost ? patch : { ...patch, hostId: null });
    });
    return result;
  };

  const stop = async (id: Uuid, forced: boolean, signal: AbortSignal): Promise<Instance> => {
    const before = await instances.get(store.db, id);
    if (before.state === "Stopped" || before.state === "Error") return before;
    if (before.state !== "Stopping") await move(id, "StopRequested", {});
    let unreachable = "";
    try {
      await destroyDomain(context, before);
    } catch (error) {
      signal.throwIfAborted();
      unreachable = messageOf(error);
      if (!forced) {
        await move(id, "OperationFailed", {});
        throw error;
      }
    }
    const after = await settle(id, "OperationSucceeded", unreachable, unreachable !== "");
    await events.note({ severity: "info", kind: "VM.STOP", object: id, message: `instance ${after.name} was stopped` });
    await ports.release(id, signal);
    return after;
  };

  return {
    stop,
    async noteStopped(id, reason, signal) {
      const instance = await settle(id, "FollowAgentPowerOffReport", reason, false);
      await events.note({
        severity: "warning",
        kind: "VM.STOP",
        object: id,
        message: `instance ${instance.name} stopped by itself: ${reason}`,
      });
      await ports.release(id, signal);
    },
    async destroy(id, signal) {
      const before = await instances.get(store.db, id);
      if (before.state === "Destroyed" || before.state === "Expunging") return before;
      await stop(id, false, signal);
      const after = await move(id, "DestroyRequested", { destroyedAt: clock.now() });
      await events.note({
        severity: "info",
        kind: "VM.DESTROY",
        object: id,
        message: `instance ${after.name} was destroyed`,
      });
      return after;
    },
    async expunge(id, signal) {
      const instance = await move(id, "ExpungeOperation", {});
      await destroyDomain(context, instance);
      await store.transact(async (tx) => {
        const networkIds = (await nics.list(tx.db, { instanceId: id })).map((nic) => nic.networkId);
        await markReleasing(tx, id, true);
        await instances.update(tx, id, { hostId: null });
        for (const networkId of networkIds) await noteIdleness(tx, networkId, clock.now());
      });
      const problems = await ports.release(id, signal);
      if (problems.length > 0)
        throw new LoomstackError("CLOUD__CLEANUP_PENDING", { subject: "instance", id, reason: problems.join("; ") });
      await store.transact((tx) => instances.remove(tx, id));
      await events.note({
        severity: "info",
        kind: "VM.EXPUNGE",
        object: id,
        message: `instance ${instance.name} was expunged`,
      });
    },
  };
}

async function destroyDomain(context: CloudContext, instance: Instance): Promise<void> {
  if (instance.hostId === null) return;
  const hypervisor = await context.connections.hypervisor(instance.hostId);
  await hypervisor.destroyDomain(instance.id);
}
