/**
 * Brings networks into being at their controller and takes them away again. A network that several starting instances
 * need at once is implemented once; who shuts one down has claimed it exclusively.
 */
import { LoomstackError, messageOf, type Uuid } from "@loomstack/core";
import {
  freeSegmentationId,
  type GuestNetwork,
  guestNetworks,
  type NetworkOffering,
  networkOfferings,
  nics,
  type OpenDaylightController,
  openDaylightControllers,
  type PhysicalNetwork,
  physicalNetworks,
  type Tx,
} from "@loomstack/model";
import type { CloudContext } from "../context.ts";
import { hasDhcp } from "../services/offerings.ts";
import { type NetworkEvent, networkStates } from "../states/network-states.ts";
import { readiness } from "./readiness.ts";

export interface NetworkLifecycle {
  /**
   * Sees to it that the network is Implemented.
   *
   * @throws CLOUD__NETWORK_FAILED with the reason; the network is then Allocated or Shutdown
   */
  implement(networkId: Uuid, signal: AbortSignal): Promise<GuestNetwork>;
  /**
   * Sees to it that the network is Allocated.
   *
   * @throws what the controller's refusal is; the network is then in Shutdown
   */
  shutdown(networkId: Uuid, signal: AbortSignal): Promise<GuestNetwork>;
  /**
   * Sees to it that the network isn't Implementing unless somebody works on that: it goes the way of a failure
   * otherwise.
   */
  settle(networkId: Uuid, reason: string): Promise<void>;
  /** The controller that knows the network. @throws CLOUD__NOT_READY */
  controllerOf(network: GuestNetwork): Promise<OpenDaylightController>;
}

export function networkLifecycle(context: CloudContext): NetworkLifecycle {
  const { store, clock, events } = context;
  const implementing = new Map<Uuid, Promise<GuestNetwork>>();
  const settling = new Map<Uuid, Promise<void>>();

  const controllerOf = async (network: GuestNetwork): Promise<OpenDaylightController> => {
    if (network.controllerId === null)
      throw new LoomstackError("CLOUD__NOT_READY", {
        subject: "network",
        id: network.id,
        reason: "no controller knows it",
      });
    return openDaylightControllers.get(store.db, network.controllerId);
  };

  const shutdown = async (networkId: Uuid, signal: AbortSignal): Promise<GuestNetwork> => {
    const network = await guestNetworks.get(store.db, networkId);
    if (network.state === "Allocated") return network;
    if (network.state !== "Shutdown") await move(context, networkId, "DestroyNetwork", "it is being shut down");
    try {
      if (network.controllerId !== null)
        await context.providerOf(await controllerOf(network)).shutdownNetwork(network, signal);
    } catch (error) {
      signal.throwIfAborted();
      await move(context, networkId, "OperationFailed", messageOf(error));
      throw error;
    }
    await events.note({
      severity: "info",
      kind: "NETWORK.SHUTDOWN",
      object: networkId,
      message: `network ${network.name} was shut down`,
    });
    return move(context, networkId, "OperationSucceeded", "", {
      controllerId: null,
      segmentationId: null,
      idleSince: null,
    });
  };

  const begin = async (networkId: Uuid, signal: AbortSignal): Promise<GuestNetwork> => {
    const state = (await guestNetworks.get(store.db, networkId)).state;
    if (state === "Implemented") return guestNetworks.get(store.db, networkId);
    if (state === "Shutdown") await shutdown(networkId, signal);
    const network = await claimSegment(context, networkId);
    const controller = await controllerOf(network);
    await events.note({
      severity: "info",
      kind: "NETWORK.IMPLEMENT",
      object: networkId,
      message: `network ${network.name} is Implementing: the controller at ${controller.url} is told of it`,
    });
    const physicalNetwork = await physicalNetworks.get(store.db, network.physicalNetworkId);
    const offering = await networkOfferings.get(store.db, network.networkOfferingId);
    const told = providerNetwork(network, physicalNetwork, offering);
    try {
      await context.providerOf(controller).implementNetwork(told, signal);
    } catch (error) {
      signal.throwIfAborted();
      await move(context, networkId, "OperationFailed", messageOf(error));
      throw new LoomstackError(
        "CLOUD__NETWORK_FAILED",
        { network: network.name, reason: messageOf(error) },
        { cause: error },
      );
    }
    await events.note({
      severity: "info",
      kind: "NETWORK.IMPLEMENT",
      object: networkId,
      message: `network ${network.name} was implemented at ${controller.url}`,
    });
    return move(context, networkId, "OperationSucceeded", "", { idleSince: clock.now() });
  };

  return {
    shutdown,
    controllerOf,
    async settle(networkId, reason) {
      if (implementing.has(networkId)) return;
      const underWay =
        settling.get(networkId) ??
        failIfImplementing(context, networkId, reason).finally(() => settling.delete(networkId));
      settling.set(networkId, underWay);
      await underWay;
    },
    async implement(networkId, signal) {
      const before = settling.get(networkId);
      if (before !== undefined) await before;
      const underWay =
        implementing.get(networkId) ?? begin(networkId, signal).finally(() => implementing.delete(networkId));
      implementing.set(networkId, underWay);
      return underWay;
    },
  };
}

/** Writes down, before the controller hears of it, which controller that is and which number the network has there. */
async function claimSegment(context: CloudContext, networkId: Uuid): Promise<GuestNetwork> {
  const { result } = await context.store.transact(async (tx) => {
    const network = await guestNetworks.get(tx.db, networkId);
    if (network.state === "Implementing") return network;
    const state = networkStates.next(network.state, "ImplementNetwork", networkId);
    const { controller } = await readiness(tx.db, network.physicalNetworkId);
    const segmentationId = network.segmentationId ?? (await freeSegmentationId(tx.db, network.physicalNetworkId));
    return guestNetworks.update(tx, networkId, { state, stateReason: "", controllerId: controller.id, segmentationId });
  });
  return result;
}

async function move(
  context: CloudContext,
  networkId: Uuid,
  event: NetworkEvent,
  reason: string,
  patch: Partial<GuestNetwork> = {},
): Promise<GuestNetwork> {
  const { result } = await context.store.transact(async (tx) => {
    const network = await guestNetworks.get(tx.db, networkId);
    return guestNetworks.update(tx, networkId, {
      ...patch,
      state: networkStates.next(network.state, event, networkId),
      stateReason: reason,
    });
  });
  return result;
}

async function failIfImplementing(context: CloudContext, networkId: Uuid, reason: string): Promise<void> {
  const network = await guestNetworks.find(context.store.db, networkId);
  if (network?.state === "Implementing") await move(context, networkId, "OperationFailed", reason);
}

function providerNetwork(
  network: GuestNetwork,
  physicalNetwork: PhysicalNetwork,
  offering: NetworkOffering,
): Parameters<ReturnType<CloudContext["providerOf"]>["implementNetwork"]>[0] {
  return {
    id: network.id,
    name: network.name,
    tenantId: network.account,
    encapsulation: physicalNetwork.isolationMethods.includes("GRE") ? "gre" : "vxlan",
    segmentationId: network.segmentationId ?? 0,
    subnetId: network.subnetId,
    cidr: network.cidr,
    gateway: network.gateway,
    dhcp: hasDhcp(offering),
  };
}

/** Begins or ends the time that an implemented network has been without a port. */
export async function noteIdleness(tx: Tx, networkId: Uuid, now: number): Promise<void> {
  const network = await guestNetworks.find(tx.db, networkId);
  if (network === undefined) return;
  const ports = (await nics.list(tx.db, { networkId })).filter((nic) => nic.portState !== "none");
  const idle = network.state === "Implemented" && ports.length === 0;
  const idleSince = idle ? (network.idleSince ?? now) : null;
  if (idleSince !== network.idleSince) await guestNetworks.update(tx, networkId, { idleSince });
}
