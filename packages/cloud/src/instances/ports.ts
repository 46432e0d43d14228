/**
 * The ports of an instance's NICs at their controllers. A NIC says what the controller may know of it before the
 * controller is called; so a port that is to go is found again, and asked away until the controller has confirmed it.
 */
import { messageOf, type Uuid } from "@loomstack/core";
import { type GuestNetwork, guestNetworks, type Instance, type Nic, nics, type Tx } from "@loomstack/model";
import type { CloudContext } from "../context.ts";
import { type NetworkLifecycle, noteIdleness } from "../networks/network-lifecycle.ts";

export interface Ports {
  create(instance: Instance, nic: Nic, network: GuestNetwork, signal: AbortSignal): Promise<void>;
  /**
   * Has the controllers forget all ports of the instance that are to go. Resolves with the reasons why some are still
   * there.
   */
  release(instanceId: Uuid, signal: AbortSignal): Promise<readonly string[]>;
}

export function instancePorts(context: CloudContext, networks: NetworkLifecycle): Ports {
  const { store, clock } = context;

  const releaseOne = async (nic: Nic, signal: AbortSignal): Promise<void> => {
    const network = await guestNetworks.get(store.db, nic.networkId);
    if (network.controllerId !== null)
      await context.providerOf(await networks.controllerOf(network)).deletePort(nic.id, signal);
    await store.transact(async (tx) => {
      if (nic.discarded) await nics.remove(tx, nic.id);
      else await nics.update(tx, nic.id, { portState: "none" });
      await noteIdleness(tx, nic.networkId, clock.now());
    });
  };

  return {
    async create(instance, nic, network, signal) {
      await setPortState(context, nic, "creating");
      const { id, macAddress, ipAddress, networkId } = nic;
      const port = {
        id,
        networkId,
        macAddress,
        ipAddress,
        tenantId: instance.account,
        deviceId: instance.id,
        subnetId: network.subnetId,
        hostName: instance.name.toLowerCase(),
      };
      await context.providerOf(await networks.controllerOf(network)).createPort(port, signal);
      await setPortState(context, nic, "created");
    },
    async release(instanceId, signal) {
      const problems: string[] = [];
      for (const nic of await nics.list(store.db, { instanceId, portState: "releasing" })) {
        try {
          await releaseOne(nic, signal);
        } catch (error) {
          signal.throwIfAborted();
          problems.push(`port ${nic.id}: ${messageOf(error)}`);
        }
      }
      return problems;
    },
  };
}

async function setPortState(context: CloudContext, nic: Nic, portState: "creating" | "created"): Promise<void> {
  await context.store.transact(async (tx) => {
    await nics.update(tx, nic.id, { portState });
    await noteIdleness(tx, nic.networkId, context.clock.now());
  });
}

/**
 * Notes that the ports of an instance are to go; with `discard`, its NICs and their addresses too. Part of the
 * transaction that says why.
 */
export async function markReleasing(tx: Tx, instanceId: Uuid, discard: boolean): Promise<void> {
  for (const nic of await nics.list(tx.db, { instanceId })) {
    const known = nic.portState !== "none";
    if (known) await nics.update(tx, nic.id, { portState: "releasing", discarded: nic.discarded || discard });
    else if (discard) await nics.remove(tx, nic.id);
  }
}
