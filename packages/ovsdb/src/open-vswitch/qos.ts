import { LoomstackError, type Uuid } from "@loomstack/core";
import { mutate, type Operation, remove, update } from "../notation/operation.ts";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import { changeRow, guarded, guardRow, makeRow, rowName, type Settings, without } from "./columns.ts";
import { findNamed, type Observed, type ObservedRow } from "./observed.ts";

export const qosColumns = ["type", "other_config", "external_ids"] as const;
export const queueColumns = ["dscp", "other_config", "external_ids"] as const;

/** A queue of a QoS (ovs-vswitchd.conf.db(5), table Queue). */
export type QueueSettings = Settings<"Queue", (typeof queueColumns)[number]>;

/** The quality of service of one port (ovs-vswitchd.conf.db(5), table QoS). */
export interface QosSettings extends Settings<"QoS", (typeof qosColumns)[number]> {
  /** Its queues, all of them, by queue id; default: they stay as they are. */
  readonly queues?: ReadonlyMap<number, QueueSettings>;
}

/** What the functions for QoS need. */
export const qosNeeds = { Port: ["name", "qos"], QoS: ["queues"], Queue: [] } as const;
export type ObservedQos = Observed<typeof qosNeeds>;

/**
 * What gives a port this QoS and these queues, in rows of their own, as `ovs-vsctl set Port … qos=@q -- --id=@q create
 * QoS …`. Where the port has a QoS, that is changed.
 *
 * @throws OVSDB__NO_SUCH_RECORD when there is no such port; OVSDB__RECORD_DIFFERS when what has to be changed is another
 * port's too; OVSDB__NOT_OBSERVED, OVSDB__INVALID_VALUE
 */
export function ensureQos(observed: ObservedQos, port: string, settings: QosSettings): Operation[] {
  const found = findNamed(observed.Port, port);
  const wanted = `QoS of port ${port}`;
  if (found === undefined) throw new LoomstackError("OVSDB__NO_SUCH_RECORD", { wanted, missing: `port ${port}` });
  const { uuid, row } = found;
  const qos = row.qos === undefined ? undefined : observed.QoS.get(row.qos);
  if (row.qos === undefined || qos === undefined) return makeQos(uuid, row, settings);
  const operations = [
    ...changeRow("QoS", row.qos, qos, without(settings, "queues")),
    ...(settings.queues === undefined ? [] : changeQueues(observed, port, row.qos, qos, settings.queues)),
  ];
  if (operations.length > 0) refuseShared(observed, port, row.qos);
  return guarded(guardRow("Port", uuid, { qos: row.qos }), operations);
}

/**
 * What takes a port's QoS away, and deletes it and its queues as far as nothing else refers to them: no row is left
 * behind. Nothing when the port has none, or isn't there.
 */
export function removeQos(observed: ObservedQos, port: string): Operation[] {
  const found = findNamed(observed.Port, port);
  const id = found?.row.qos;
  if (found === undefined || id === undefined) return [];
  const operations: Operation[] = [update(openVswitch, "Port", [["_uuid", "==", found.uuid]], { qos: undefined })];
  if (sharersOf(observed, id).length === 1) {
    const queues = new Set(observed.QoS.get(id)?.queues.values());
    operations.push(
      remove(openVswitch, "QoS", [["_uuid", "==", id]]),
      ...[...queues].flatMap((queue) => removeQueue(observed, queue)),
    );
  }
  return [guardRow("Port", found.uuid, { qos: id }), ...operations];
}

type QosRow = ObservedRow<"QoS", "queues">;

function makeQos(port: Uuid, row: ObservedRow<"Port", "name" | "qos">, settings: QosSettings): Operation[] {
  const qos = rowName("QoS", row.name);
  const queues = [...(settings.queues ?? [])].map(([id, queue]) => ({
    id,
    queue,
    name: rowName("Queue", row.name, id),
  }));
  return [
    // Rows of QoS live by themselves: of two clients that both make one, one's would stay for ever.
    guardRow("Port", port, { qos: row.qos }),
    ...queues.map(({ queue, name }) => makeRow("Queue", name, { ...queue })),
    makeRow("QoS", qos, { ...settings, queues: new Map(queues.map(({ id, name }) => [id, name])) }),
    update(openVswitch, "Port", [["_uuid", "==", port]], { qos }),
  ];
}

function changeQueues(
  observed: ObservedQos,
  port: string,
  id: Uuid,
  { queues: present }: QosRow,
  wanted: ReadonlyMap<number, QueueSettings>,
): Operation[] {
  const changed: Operation[] = [];
  const made = new Map<number, ReturnType<typeof rowName>>();
  for (const [queueId, settings] of wanted) {
    const uuid = present.get(queueId);
    const row = uuid === undefined ? undefined : observed.Queue.get(uuid);
    if (uuid !== undefined && row !== undefined) {
      const operations = changeRow("Queue", uuid, row, { ...settings });
      if (operations.length > 0) refuseSharedQueue(observed, port, queueId, uuid);
      changed.push(...operations);
    } else {
      made.set(queueId, rowName("Queue", port, queueId));
      changed.push(makeRow("Queue", rowName("Queue", port, queueId), { ...settings }));
    }
  }
  const isKept = (queueId: number): boolean => wanted.has(queueId) && !made.has(queueId);
  const surplus = new Map([...present].filter(([queueId]) => !isKept(queueId)));
  if (made.size === 0 && surplus.size === 0) return changed;
  const change = mutate(
    openVswitch,
    "QoS",
    [["_uuid", "==", id]],
    [
      ["queues", "delete", surplus],
      ["queues", "insert", made],
    ],
  );
  const guard = guardRow("QoS", id, { queues: present });
  const kept = new Set([...present].filter(([queueId]) => isKept(queueId)).map(([, uuid]) => uuid));
  const orphans = new Set(surplus.values()).difference(kept);
  return [guard, ...changed, change, ...[...orphans].flatMap((queue) => removeQueue(observed, queue))];
}

/** The server refuses the deletion when somebody has come to refer to the queue meanwhile. */
function removeQueue(observed: ObservedQos, queue: Uuid): Operation[] {
  const isShared = qosOfQueue(observed, queue).length > 1;
  return isShared ? [] : [remove(openVswitch, "Queue", [["_uuid", "==", queue]])];
}

function sharersOf(observed: ObservedQos, qos: Uuid): readonly string[] {
  return [...observed.Port.values()].filter((row) => row.qos === qos).map(({ name }) => name);
}

function qosOfQueue(observed: ObservedQos, queue: Uuid): readonly Uuid[] {
  return [...observed.QoS].filter(([, { queues }]) => [...queues.values()].includes(queue)).map(([uuid]) => uuid);
}

function refuseShared(observed: ObservedQos, port: string, qos: Uuid): void {
  const others = sharersOf(observed, qos).filter((name) => name !== port);
  if (others.length === 0) return;
  const difference = `it is the QoS of ${others.sort().join(", ")} too`;
  throw new LoomstackError("OVSDB__RECORD_DIFFERS", { record: `QoS of port ${port}`, difference });
}

function refuseSharedQueue(observed: ObservedQos, port: string, queueId: number, queue: Uuid): void {
  if (qosOfQueue(observed, queue).length < 2) return;
  const difference = "another QoS has it too";
  throw new LoomstackError("OVSDB__RECORD_DIFFERS", { record: `queue ${queueId} of port ${port}`, difference });
}
