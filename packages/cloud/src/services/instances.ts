import { LoomstackError, type Uuid, randomUuid } from "@loomstack/core";
import {
  type GuestNetwork,
  guestNetworks,
  type Host,
  hostNameIsTaken,
  type Instance,
  instances,
  isNameOfAddress,
  type Job,
  nextInstanceNumber,
  type Nic,
  nics,
  type ServiceOffering,
  type Template,
  type Tx,
  type Zone,
} from "@loomstack/model";
import type { Caller, CloudContext } from "../context.ts";
import type { InstanceStarter, StartRequest } from "../instances/start-instance.ts";
import type { InstanceStopper } from "../instances/stop-instance.ts";
import type { Jobs, JobSubject } from "../jobs/jobs.ts";
import { type Claim, exclusively, shared } from "../jobs/task-queue.ts";
import { viewInstanceById } from "./instance-view.ts";
import { addressFor, freeMac } from "./ip-addresses.ts";
import { invalid } from "./invalid-parameter.ts";

export interface NewInstance {
  readonly zone: Zone;
  readonly serviceOffering: ServiceOffering;
  readonly template: Template;
  readonly networks: readonly GuestNetwork[];
  readonly host: Host | undefined;
  /** The host name; made up where there is none. */
  readonly name: string | undefined;
  readonly displayName: string | undefined;
  /** The address on the first network. */
  readonly ipAddress: string | undefined;
  readonly startNow: boolean;
}

/** Instances. The results of the jobs are `InstanceView`s. */
export interface Instances {
  /** @throws CLOUD__ADDRESS_IN_USE, CLOUD__INVALID_ADDRESS and the like at once: nothing is kept then */
  deploy(caller: Caller, instance: NewInstance): Promise<Job>;
  start(caller: Caller, instance: Instance, host: Host | undefined): Promise<Job>;
  stop(caller: Caller, instance: Instance, forced: boolean): Promise<Job>;
  destroy(caller: Caller, instance: Instance, expunge: boolean): Promise<Job>;
}

interface StartPayload extends StartRequest {
  readonly networkIds: readonly Uuid[];
  /** False where the instance is only made. */
  readonly startNow: boolean;
}

/** RFC 1123, one label. */
const hostName = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

export interface InstanceParts {
  readonly jobs: Jobs;
  readonly starter: InstanceStarter;
  readonly stopper: InstanceStopper;
}

export function instancesService(context: CloudContext, parts: InstanceParts): Instances {
  const { store } = context;
  const { jobs, starter, stopper } = parts;
  const onlyInstance = (payload: { readonly instanceId: Uuid }): readonly Claim[] => [
    exclusively(`instance:${payload.instanceId}`),
  ];

  const startKind = {
    // The networks have to stay as they are meanwhile; many instances may start on one.
    claims: (payload: StartPayload) => [
      ...onlyInstance(payload),
      ...payload.networkIds.map((id) => shared(`network:${id}`)),
    ],
    async run(payload: StartPayload, signal: AbortSignal) {
      const { state, stateReason } = await instances.get(store.db, payload.instanceId);
      // An earlier attempt has failed already, and only the job's end wasn't written down any more.
      if (state === "Error")
        throw new LoomstackError("CLOUD__NOT_READY", {
          subject: "instance",
          id: payload.instanceId,
          reason: stateReason,
        });
      // An instance that runs already is what an earlier attempt at this job has come to.
      if (payload.startNow && state !== "Running") await starter.start(payload, signal);
      return viewInstanceById(store.db, payload.instanceId);
    },
    async undo(payload: StartPayload, reason: LoomstackError) {
      const { state } = await instances.get(store.db, payload.instanceId);
      if (state === "Starting") await starter.undo(payload, reason.message, new AbortController().signal);
    },
  };
  const submitDeploy = jobs.declare<StartPayload>("deployVirtualMachine", startKind);
  const submitStart = jobs.declare<StartPayload>("startVirtualMachine", startKind);

  const submitStop = jobs.declare<{ instanceId: Uuid; forced: boolean }>("stopVirtualMachine", {
    claims: onlyInstance,
    async run({ instanceId, forced }, signal) {
      await stopper.stop(instanceId, forced, signal);
      return viewInstanceById(store.db, instanceId);
    },
    undo: ({ instanceId }) => finishStopping(context, stopper, instanceId),
  });

  const submitDestroy = jobs.declare<{ instanceId: Uuid; expunge: boolean }>("destroyVirtualMachine", {
    claims: onlyInstance,
    async run({ instanceId, expunge }, signal) {
      if ((await instances.find(store.db, instanceId)) === undefined) return null;
      await stopper.destroy(instanceId, signal);
      const view = await viewInstanceById(store.db, instanceId);
      if (expunge) await stopper.expunge(instanceId, signal);
      return expunge ? { ...view, instance: { ...view.instance, state: "Expunging" } } : view;
    },
    undo: ({ instanceId }) => finishStopping(context, stopper, instanceId),
  });

  return {
    async deploy(caller, request) {
      checkRequest(request);
      const instanceId = randomUuid(context.random);
      const networkIds = request.networks.map((network) => network.id);
      const payload: StartPayload = {
        instanceId,
        hostId: request.host?.id ?? null,
        isFirst: true,
        networkIds,
        startNow: request.startNow,
      };
      return submitDeploy({
        caller,
        payload,
        subject: subject(instanceId),
        prepare: (tx) => insertInstance(context, tx, caller, instanceId, request),
      });
    },
    async start(caller, { id }, host) {
      const networkIds = (await nics.list(store.db, { instanceId: id })).map((nic) => nic.networkId);
      return submitStart({
        caller,
        payload: { instanceId: id, hostId: host?.id ?? null, isFirst: false, networkIds, startNow: true },
        subject: subject(id),
      });
    },
    stop: (caller, { id }, forced) => submitStop({ caller, payload: { instanceId: id, forced }, subject: subject(id) }),
    destroy: (caller, { id }, expunge) =>
      submitDestroy({ caller, payload: { instanceId: id, expunge }, subject: subject(id) }),
  };
}

function subject(id: Uuid): JobSubject {
  return { type: "VirtualMachine", id };
}

async function finishStopping(context: CloudContext, stopper: InstanceStopper, id: Uuid): Promise<void> {
  const instance = await instances.find(context.store.db, id);
  if (instance?.state === "Stopping") await stopper.stop(id, true, new AbortController().signal);
}

function checkRequest({ zone, networks, host, name, ipAddress }: NewInstance): void {
  if (networks.length === 0) throw invalid("networkids", "(none)", "name at least one network");
  if (new Set(networks.map((network) => network.id)).size < networks.length)
    throw invalid("networkids", networks.map(({ id }) => id).join(","), "a network is named twice");
  const elsewhere = networks.find((network) => network.zoneId !== zone.id);
  if (elsewhere !== undefined)
    throw invalid("networkids", elsewhere.id, `network ${elsewhere.name} isn't in zone ${zone.name}`);
  if (host !== undefined && host.zoneId !== zone.id)
    throw invalid("hostid", host.id, `host ${host.name} isn't in zone ${zone.name}`);
  if (name !== undefined && !hostName.test(name))
    throw invalid("name", name, "it is a host name: letters, digits and hyphens, at most 63");
  if (name !== undefined && isNameOfAddress(name.toLowerCase()))
    throw invalid("name", name, "names like this are those of guests without one, by their address");
  if (ipAddress !== undefined && networks.length > 1)
    throw invalid("ipaddress", ipAddress, "it can be given for one network only");
}

async function insertInstance(
  context: CloudContext,
  tx: Tx,
  caller: Caller,
  id: Uuid,
  request: NewInstance,
): Promise<void> {
  const { zone, serviceOffering, template } = request;
  const number = await nextInstanceNumber(tx);
  const name = request.name ?? `VM-${id}`;
  const createdAt = context.clock.now();
  const instance: Instance = {
    id,
    name,
    displayName: request.displayName ?? name,
    number,
    account: caller.account,
    zoneId: zone.id,
    serviceOfferingId: serviceOffering.id,
    templateId: template.id,
    cpuNumber: serviceOffering.cpuNumber,
    memoryMib: serviceOffering.memoryMib,
    hostId: null,
    lastHostId: null,
    state: request.startNow ? "Starting" : "Stopped",
    stateReason: "",
    destroyedAt: null,
    createdAt,
  };
  await instances.insert(tx, instance);
  for (const [deviceIndex, network] of request.networks.entries()) {
    await assertUsable(tx, network);
    await assertUnnamed(tx, network, name);
    const ipAddress = await addressFor(tx, network, request.ipAddress);
    const macAddress = await freeMac(tx, context.random);
    const nic: Nic = {
      id: randomUuid(context.random),
      instanceId: id,
      networkId: network.id,
      deviceIndex,
      macAddress,
      ipAddress,
      isDefault: deviceIndex === 0,
      portState: "none",
      discarded: false,
      createdAt,
    };
    await nics.insert(tx, nic);
  }
}

/** Guests of a network know each other by these names. */
async function assertUnnamed(tx: Tx, network: GuestNetwork, name: string): Promise<void> {
  if (await hostNameIsTaken(tx.db, network.id, name))
    throw invalid("name", name, `another instance in network ${network.name} is called so`);
}

async function assertUsable(tx: Tx, network: GuestNetwork): Promise<void> {
  const now = await guestNetworks.get(tx.db, network.id);
  if (now.state === "Destroy")
    throw new LoomstackError("CLOUD__NOT_READY", {
      subject: "network",
      id: network.name,
      reason: "it is being deleted",
    });
}
