import {
  cidrAddress,
  formatCidr,
  type Ipv4,
  isLoomstackError,
  LoomstackError,
  parseCidr,
  type Uuid,
  randomUuid,
} from "@loomstack/core";
import {
  type GuestNetwork,
  guestNetworks,
  instances,
  type Job,
  type NetworkOffering,
  nics,
  type PhysicalNetwork,
  physicalNetworks,
  type Store,
  type Zone,
} from "@loomstack/model";
import type { Caller, CloudContext } from "../context.ts";
import type { Jobs } from "../jobs/jobs.ts";
import { exclusively } from "../jobs/task-queue.ts";
import type { NetworkLifecycle } from "../networks/network-lifecycle.ts";
import { readiness } from "../networks/readiness.ts";
import { networkStates } from "../states/network-states.ts";
import { prefixOfGateway } from "./gateway-prefix.ts";
import { invalid } from "./invalid-parameter.ts";

export interface NewGuestNetwork {
  readonly zone: Zone;
  readonly offering: NetworkOffering;
  readonly physicalNetwork: PhysicalNetwork | undefined;
  readonly name: string;
  readonly displayText: string | undefined;
  /** Both or neither; without them the zone's guest prefix is used. */
  readonly gateway: string | undefined;
  readonly netmask: string | undefined;
  readonly mtu: number | undefined;
}

export interface Networks {
  /**
   * Makes a network that is Allocated: nothing is touched anywhere.
   *
   * @throws CLOUD__NOT_READY when no physical network could carry it
   */
  create(caller: Caller, network: NewGuestNetwork): Promise<GuestNetwork>;
  /** @throws CLOUD__IN_USE while an instance is on it */
  delete(caller: Caller, network: GuestNetwork): Promise<Job>;
}

interface DeletePayload {
  readonly networkId: Uuid;
}

const mtuLimits = { smallest: 576, largest: 65_535 };

export function networksService(context: CloudContext, jobs: Jobs, lifecycle: NetworkLifecycle): Networks {
  const { store, events } = context;

  const submitDelete = jobs.declare<DeletePayload>("deleteNetwork", {
    claims: ({ networkId }) => [exclusively(`network:${networkId}`)],
    async run({ networkId }, signal) {
      const network = await guestNetworks.find(store.db, networkId);
      if (network === undefined) return { success: true };
      await assertUnused(store.db, network);
      await lifecycle.shutdown(networkId, signal);
      await store.transact(async (tx) => {
        const { state } = await guestNetworks.get(tx.db, networkId);
        networkStates.next(state, "DestroyNetwork", networkId);
        await assertUnused(tx.db, network);
        await guestNetworks.remove(tx, networkId);
      });
      await events.note({
        severity: "info",
        kind: "NETWORK.DELETE",
        object: networkId,
        message: `network ${network.name} was deleted`,
      });
      return { success: true };
    },
    // A network in Shutdown is gone on with anyway; the others are as they were.
    undo: async () => {},
  });

  return {
    async create(caller, request) {
      const { zone, offering, name, displayText = name } = request;
      if (offering.state !== "Enabled")
        throw new LoomstackError("CLOUD__NOT_READY", {
          subject: "network offering",
          id: offering.name,
          reason: "it isn't Enabled",
        });
      const physicalNetwork = await physicalNetworkFor(store.db, zone, request.physicalNetwork);
      const network: GuestNetwork = {
        id: randomUuid(context.random),
        name,
        displayText,
        account: caller.account,
        zoneId: zone.id,
        physicalNetworkId: physicalNetwork.id,
        networkOfferingId: offering.id,
        ...prefixOf(request),
        mtu: mtuOf(request.mtu ?? context.settings.guestMtu),
        subnetId: randomUuid(context.random),
        segmentationId: null,
        controllerId: null,
        state: "Allocated",
        stateReason: "",
        idleSince: null,
        createdAt: context.clock.now(),
      };
      await store.transact((tx) => guestNetworks.insert(tx, network));
      await events.note({
        severity: "info",
        kind: "NETWORK.CREATE",
        object: network.id,
        message: `network ${name} (${network.cidr}) was created`,
      });
      return network;
    },
    async delete(caller, network) {
      await assertUnused(store.db, network);
      return submitDelete({ caller, payload: { networkId: network.id }, subject: { type: "Network", id: network.id } });
    },
  };
}

async function assertUnused(db: Store["db"], network: GuestNetwork): Promise<void> {
  const [nic] = await nics.list(db, { networkId: network.id });
  if (nic === undefined) return;
  const user = await instances.find(db, nic.instanceId);
  const words = user === undefined ? `NIC ${nic.id}` : `instance ${user.name} (${user.id}), which is ${user.state}`;
  throw new LoomstackError("CLOUD__IN_USE", { subject: "network", id: network.name, user: words });
}

/** The physical network asked for, or the first of the zone that can carry guest networks. */
async function physicalNetworkFor(
  db: Store["db"],
  zone: Zone,
  requested: PhysicalNetwork | undefined,
): Promise<PhysicalNetwork> {
  if (requested !== undefined && requested.zoneId !== zone.id)
    throw invalid("physicalnetworkid", requested.id, `it isn't in zone ${zone.name}`);
  const candidates = requested === undefined ? await physicalNetworks.list(db, { zoneId: zone.id }) : [requested];
  const problems: LoomstackError[] = [];
  for (const candidate of candidates) {
    try {
      return (await readiness(db, candidate.id)).physicalNetwork;
    } catch (error) {
      if (!isLoomstackError(error)) throw error;
      problems.push(error);
    }
  }
  const reason = problems.map((problem) => problem.message).join("; ") || "it has no physical network";
  throw new LoomstackError("CLOUD__NOT_READY", { subject: "zone", id: zone.name, reason });
}

function prefixOf({ zone, gateway, netmask }: NewGuestNetwork): { readonly cidr: string; readonly gateway: Ipv4 } {
  const given = prefixOfGateway(gateway, netmask);
  if (given !== undefined) return { cidr: formatCidr(given.prefix), gateway: given.gateway };
  return { cidr: zone.guestCidr, gateway: cidrAddress(parseCidr(zone.guestCidr), 1) };
}

function mtuOf(mtu: number): number {
  if (mtu < mtuLimits.smallest || mtu > mtuLimits.largest)
    throw invalid("privatemtu", mtu, `it is ${mtuLimits.smallest} to ${mtuLimits.largest}`);
  return mtu;
}
