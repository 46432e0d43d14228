/** Requests, and what their replies are: whoever sends one gets the reply's type with it. */
import type { OfPort } from "@loomstack/core";
import type { TlvTable } from "../nicira/tlv-table.ts";
import type { AsyncConfig } from "./messages/async.ts";
import { Meter } from "./messages/meter-mod.ts";
import type { QueueConfig } from "./messages/queue-config.ts";
import type { GroupDescription, GroupFeatures, GroupStats } from "./multipart/groups.ts";
import type { MeterConfig, MeterFeatures, MeterStats } from "./multipart/meters.ts";
import type { PortStats, QueueFilter, QueueStats } from "./multipart/port-stats.ts";
import type { TableFeatures } from "./multipart/table-features.ts";
import { Group, Port } from "./ports.ts";
import type { ControllerRole } from "./messages/role.ts";
import type { SwitchDescription, TableStats } from "./multipart/descriptions.ts";
import type { AggregateStats, FlowFilter, FlowStats } from "./multipart/flow-stats.ts";
import { type UnreadFlow, unreadPart } from "./multipart/unread-flow.ts";
import type { MultipartReplyBody, MultipartRequestBody } from "./multipart/multipart.ts";
import type { bundleTypes } from "../onf/bundle.ts";
import type { FlowUpdate } from "../onf/flow-monitor.ts";
import type { Message, Received, ReceivedMessage } from "./messages.ts";
import type { PortDescription } from "./port-description.ts";

/** What one message of a reply brings. */
export interface ReplyPart {
  readonly entries: readonly unknown[];
  /** Whether another message follows. */
  readonly more: boolean;
}

/** A message that is answered, by one message or by several. */
export interface Request<Reply> {
  /** What is asked, in words, for errors. */
  readonly name: string;
  readonly message: Message;
  /** @returns undefined for a message that is no reply to this request */
  readonly readPart: (message: ReceivedMessage) => ReplyPart | undefined;
  /** As readPart, of a message that is not read before. Default: they all are. */
  readonly readBytes?: (message: Uint8Array) => ReplyPart | undefined;
  /** The answer, made of the entries of all its parts. */
  readonly finish: (entries: readonly unknown[]) => Reply;
}

/** Everything that was sent before is done once this is answered. @see OpenFlow 1.3.5, 7.3.8 */
export function barrier(): Request<void> {
  return single("a barrier", { kind: "barrierRequest" }, "barrierReply", () => undefined);
}

export function features(): Request<Received<"featuresReply">> {
  return single("its features", { kind: "featuresRequest" }, "featuresReply", (reply) => reply);
}

export function echo(data: Uint8Array): Request<Uint8Array> {
  return single("an echo", { kind: "echoRequest", data }, "echoReply", (reply) => reply.data);
}

export function switchConfig(): Request<Received<"getConfigReply">> {
  return single("its configuration", { kind: "getConfigRequest" }, "getConfigReply", (reply) => reply);
}

/** @param generationId grows with each change of the primary; a switch refuses an older one with OFPRRFC_STALE */
export function role(wanted: ControllerRole, generationId: bigint): Request<Received<"roleReply">> {
  return single(
    `the role ${wanted}`,
    { kind: "roleRequest", role: wanted, generationId },
    "roleReply",
    (reply) => reply,
  );
}

export function switchDescription(): Request<SwitchDescription> {
  return oneBody("its description", { kind: "description" }, "description", withoutKind);
}

export function aggregateStats(filter: FlowFilter = {}): Request<AggregateStats> {
  return oneBody("the sum of its flows", { kind: "aggregate", ...filter }, "aggregate", withoutKind);
}

export function flowStats(filter: FlowFilter = {}): Request<readonly FlowStats[]> {
  return list("its flows", { kind: "flow", ...filter }, "flow", ({ entries }) => entries);
}

/** What `each` makes of the flows: it decides which of them are worth reading, and can't keep them unread. */
export function unreadFlowStats<Each>(filter: FlowFilter, each: (flow: UnreadFlow) => Each): Request<readonly Each[]> {
  return {
    name: "its flows",
    message: { kind: "multipartRequest", body: { kind: "flow", ...filter } },
    readPart: () => undefined,
    readBytes: (message) => {
      const part = unreadPart(message);
      return part && { entries: Array.from(part.flows, each), more: part.more };
    },
    // They are what `each` gave.
    finish: (entries) => entries as readonly Each[],
  };
}

export function tableStats(): Request<readonly TableStats[]> {
  return list("its tables", { kind: "table" }, "table", ({ entries }) => entries);
}

/** What the switch's tables can do. Large: a message or more for each table. */
export function tableFeatures(): Request<readonly TableFeatures[]> {
  return list("what its tables can do", { kind: "tableFeatures" }, "tableFeatures", ({ entries }) => entries);
}

/** @param portNo default: all ports */
export function portStats(portNo: OfPort = Port.any): Request<readonly PortStats[]> {
  return list("its ports' counters", { kind: "port", portNo }, "port", ({ entries }) => entries);
}

export function queueStats(filter: QueueFilter = {}): Request<readonly QueueStats[]> {
  return list("its queues' counters", { kind: "queue", ...filter }, "queue", ({ entries }) => entries);
}

/** @param groupId default: all groups */
export function groupStats(groupId: number = Group.all): Request<readonly GroupStats[]> {
  return list("its groups' counters", { kind: "group", groupId }, "group", ({ entries }) => entries);
}

export function groupDescriptions(): Request<readonly GroupDescription[]> {
  return list("its groups", { kind: "groupDescription" }, "groupDescription", ({ entries }) => entries);
}

export function groupFeatures(): Request<GroupFeatures> {
  return oneBody("what groups it can have", { kind: "groupFeatures" }, "groupFeatures", withoutKind);
}

/** @param meterId default: all meters */
export function meterStats(meterId: number = Meter.all): Request<readonly MeterStats[]> {
  return list("its meters' counters", { kind: "meter", meterId }, "meter", ({ entries }) => entries);
}

/** @param meterId default: all meters */
export function meterConfigs(meterId: number = Meter.all): Request<readonly MeterConfig[]> {
  return list("its meters", { kind: "meterConfig", meterId }, "meterConfig", ({ entries }) => entries);
}

export function meterFeatures(): Request<MeterFeatures> {
  return oneBody("what meters it can have", { kind: "meterFeatures" }, "meterFeatures", withoutKind);
}

/** Which messages the switch sends unasked. */
export function asyncConfig(): Request<AsyncConfig> {
  return single("what it tells unasked", { kind: "getAsyncRequest" }, "getAsyncReply", withoutKind);
}

/** @param portNo default: all ports */
export function queueConfig(portNo: OfPort = Port.any): Request<QueueConfig> {
  return single("its queues", { kind: "queueGetConfigRequest", portNo }, "queueGetConfigReply", withoutKind);
}

/** Which options of Geneve its fields `tun_metadata<n>` stand for. */
export function tlvTable(): Request<TlvTable> {
  return single("its TLV table", { kind: "tlvTableRequest" }, "tlvTableReply", withoutKind);
}

export function portDescriptions(): Request<readonly PortDescription[]> {
  return list("its ports", { kind: "portDescription" }, "portDescription", ({ entries }) => entries);
}

/**
 * To be told of all changes of flows but those of the asking connection; the reply has the flows that are there if
 * `initial` is asked for.
 */
export function flowMonitor(monitorId: number, initial: boolean): Request<readonly FlowUpdate[]> {
  const flags = { initial, add: true, delete: true, modify: true, actions: true };
  return list("a flow monitor", { kind: "flowMonitor", monitorId, flags }, "flowMonitor", ({ updates }) => updates);
}

/** One step in the life of a bundle that is atomic and ordered. */
export function bundleControl(bundleId: number, step: "open" | "close" | "commit" | "discard"): Request<void> {
  const type: keyof typeof bundleTypes = `${step}Request`;
  const message: Message = {
    kind: "bundleControl",
    bundleId,
    type,
    flags: atomicAndOrdered,
    properties: new Uint8Array(),
  };
  return {
    name: `to ${step} a bundle`,
    message,
    readPart: (reply) =>
      reply.kind === "bundleControl" && reply.type === `${step}Reply` ? { entries: [], more: false } : undefined,
    finish: () => undefined,
  };
}

export const atomicAndOrdered = { atomic: true, ordered: true } as const;

type Body<Kind extends string> = Extract<MultipartReplyBody, { readonly kind: Kind }>;

function withoutKind<Value extends { readonly kind: string }>({ kind: _, ...value }: Value): Omit<Value, "kind"> {
  return value;
}

function single<Kind extends ReceivedMessage["kind"], Reply>(
  name: string,
  message: Message,
  kind: Kind,
  pick: (reply: Received<Kind>) => Reply,
): Request<Reply> {
  return {
    name,
    message,
    readPart: (reply) => (reply.kind === kind ? { entries: [pick(reply as Received<Kind>)], more: false } : undefined),
    finish: ([answer]) => answer as Reply,
  };
}

function list<Kind extends MultipartReplyBody["kind"], Entry>(
  name: string,
  body: MultipartRequestBody,
  kind: Kind,
  pick: (body: Body<Kind>) => readonly Entry[],
): Request<readonly Entry[]> {
  return {
    name,
    message: { kind: "multipartRequest", body },
    readPart(reply) {
      if (reply.kind !== "multipartReply" || reply.body.kind !== kind) return undefined;
      return { entries: pick(reply.body as Body<Kind>), more: reply.more };
    },
    finish: (entries) => entries as readonly Entry[],
  };
}

function oneBody<Kind extends MultipartReplyBody["kind"], Reply>(
  name: string,
  body: MultipartRequestBody,
  kind: Kind,
  pick: (body: Body<Kind>) => Reply,
): Request<Reply> {
  const { finish: _, ...rest } = list(name, body, kind, (reply) => [pick(reply)]);
  return { ...rest, finish: ([answer]) => answer as Reply };
}
