/**
 * Starts an instance: host, network, port, domain, in this order; and undoes all of it when one of them fails. Each
 * step is written down before it is taken and bears repeating, so that another process can go on from anywhere.
 */
import { type Listeners, LoomstackError, messageOf, type Uuid } from "@loomstack/core";
import {
  guestNetworks,
  type Host,
  type Instance,
  instances,
  networkOfferings,
  nics,
  templates,
} from "@loomstack/model";
import type { CloudContext } from "../context.ts";
import type { DomainEvent } from "../hypervisor/hypervisor.ts";
import type { NetworkLifecycle } from "../networks/network-lifecycle.ts";
import { readiness } from "../networks/readiness.ts";
import { hasDhcp } from "../services/offerings.ts";
import { instanceStates } from "../states/instance-states.ts";
import { domainOf, type PluggedNic } from "./domain.ts";
import { place } from "./placement.ts";
import { markReleasing, type Ports } from "./ports.ts";

export interface StartRequest {
  readonly instanceId: Uuid;
  /** The only host that will do; null where any will. */
  readonly hostId: Uuid | null;
  /**
   * Whether the instance has never run. If its start fails it keeps nothing and is in Error; otherwise it is Stopped as
   * before.
   */
  readonly isFirst: boolean;
}

export interface InstanceStarter {
  /** Resolves when the instance is Running and its ports are ACTIVE. @throws why it isn't; all is then undone */
  start(request: StartRequest, signal: AbortSignal): Promise<void>;
  undo(request: StartRequest, reason: string, signal: AbortSignal): Promise<void>;
}

export function instanceStarter(context: CloudContext, networks: NetworkLifecycle, ports: Ports): InstanceStarter {
  const { store, events } = context;

  const undo = async (request: StartRequest, reason: string, signal: AbortSignal): Promise<void> => {
    const gone = await endDomain(context, request.instanceId);
    const networkIds = (await nics.list(store.db, { instanceId: request.instanceId })).map((nic) => nic.networkId);
    const { result: instance } = await store.transact(async (tx) => {
      const before = await instances.get(tx.db, request.instanceId);
      const state = instanceStates.next(
        before.state,
        request.isFirst ? "OperationFailedToError" : "OperationFailed",
        before.id,
      );
      await markReleasing(tx, before.id, request.isFirst);
      return instances.update(tx, before.id, { state, stateReason: reason, ...(gone ? { hostId: null } : {}) });
    });
    for (const networkId of networkIds) await networks.settle(networkId, reason);
    await ports.release(instance.id, signal);
    await events.note({
      severity: "error",
      kind: "VM.START",
      object: instance.id,
      message: `instance ${instance.name} could not be started: ${reason}`,
    });
  };

  const takeSteps = async (request: StartRequest, signal: AbortSignal): Promise<void> => {
    const { instance, host } = await place(context, request.instanceId, request.hostId);
    const plugged = await plugIn(context, networks, instance, host, signal);
    for (const { nic, network } of plugged) await ports.create(instance, nic, network, signal);
    const template = await templates.get(store.db, instance.templateId);
    const hypervisor = await context.connections.hypervisor(host.id);
    using stopped = watchForStop(hypervisor.events, instance);
    await hypervisor.startDomain(domainOf(instance, host, template, plugged));
    await portsActive(context, networks, plugged, AbortSignal.any([signal, stopped.signal]));
    await store.transact(async (tx) => {
      stopped.signal.throwIfAborted();
      const { state, id } = await instances.get(tx.db, instance.id);
      await instances.update(tx, id, {
        state: instanceStates.next(state, "OperationSucceeded", id),
        stateReason: "",
        lastHostId: host.id,
      });
    });
    await events.note({
      severity: "info",
      kind: "VM.START",
      object: instance.id,
      host: host.id,
      message: `instance ${instance.name} runs on ${host.name}`,
    });
  };

  return {
    undo,
    async start(request, signal) {
      await beginStarting(context, request.instanceId);
      try {
        await takeSteps(request, signal);
      } catch (error) {
        signal.throwIfAborted();
        await undo(request, messageOf(error), signal);
        throw error;
      }
    },
  };
}

/** An instance that is Starting already was left so by a process that died. */
async function beginStarting(context: CloudContext, instanceId: Uuid): Promise<void> {
  await context.store.transact(async (tx) => {
    const { state, hostId } = await instances.get(tx.db, instanceId);
    if (state === "Starting") return;
    if (hostId !== null) {
      const reason = "its domain may still be on a host that can't be asked; wait until the host is Up";
      throw new LoomstackError("CLOUD__NOT_READY", { subject: "instance", id: instanceId, reason });
    }
    await instances.update(tx, instanceId, {
      state: instanceStates.next(state, "StartRequested", instanceId),
      stateReason: "",
    });
  });
}

/** Implements the networks of the instance and has their controllers connect the host. */
async function plugIn(
  context: CloudContext,
  networks: NetworkLifecycle,
  instance: Instance,
  host: Host,
  signal: AbortSignal,
): Promise<readonly PluggedNic[]> {
  const plugged: PluggedNic[] = [];
  const prepared = new Set<Uuid>();
  const found = await nics.list(context.store.db, { instanceId: instance.id });
  for (const nic of found.toSorted((one, other) => one.deviceIndex - other.deviceIndex)) {
    const network = await networks.implement(nic.networkId, signal);
    const controller = await networks.controllerOf(network);
    if (!prepared.has(controller.id))
      await context.providerOf(controller).prepareHost({ id: host.id, address: host.address }, signal);
    prepared.add(controller.id);
    const { guest } = await readiness(context.store.db, network.physicalNetworkId);
    const offering = await networkOfferings.get(context.store.db, network.networkOfferingId);
    plugged.push({ nic, network, bridge: guest.kvmNetworkLabel, hasDhcp: hasDhcp(offering) });
  }
  return plugged;
}

async function portsActive(
  context: CloudContext,
  networks: NetworkLifecycle,
  plugged: readonly PluggedNic[],
  signal: AbortSignal,
): Promise<void> {
  for (const { nic, network } of plugged) {
    const controller = await networks.controllerOf(await guestNetworks.get(context.store.db, network.id));
    await context.providerOf(controller).portActive(nic.id, context.settings.portActiveTimeoutMs, signal);
  }
}

/** A signal that aborts when the domain of the instance stops. */
function watchForStop(
  events: Listeners<DomainEvent>,
  instance: Instance,
): Disposable & { readonly signal: AbortSignal } {
  const stop = new AbortController();
  const registration = events.add((event) => {
    if (event.uuid !== instance.id || (event.state !== "stopped" && event.state !== "crashed")) return;
    stop.abort(new LoomstackError("CLOUD__INSTANCE_STOPPED", { instance: instance.name, reason: event.reason }));
  });
  return { signal: stop.signal, [Symbol.dispose]: () => registration[Symbol.dispose]() };
}

/** Ends the domain of an instance, wherever it may be. @returns whether it is known to be gone */
export async function endDomain(context: CloudContext, instanceId: Uuid): Promise<boolean> {
  const { hostId } = await instances.get(context.store.db, instanceId);
  if (hostId === null) return true;
  try {
    const hypervisor = await context.connections.hypervisor(hostId);
    await hypervisor.destroyDomain(instanceId);
    return true;
  } catch (error) {
    context.logger.warn(
      { instance: instanceId, host: hostId, error },
      "a domain could not be ended; it will be when its host answers",
    );
    return false;
  }
}
