export { listenForSwitches, type ListenOptions, type SwitchListener } from "./connection/listener.ts";
export { changeAsyncConfig } from "./connection/async-config.ts";
export { connectToSwitch, type ConnectOptions } from "./connection/dialer.ts";
export { PacketInbox } from "./connection/packet-inbox.ts";
export { puntMeter, type PuntRate } from "./connection/punt-meter.ts";
export type { PuntCounters } from "./connection/punted-packets.ts";
export { type Dialect, dialectOf, type DialectOptions } from "./version/dialect.ts";
export type { OpenFlowVersion } from "./version/version.ts";
export { type ConnectionLimits, defaultLimits } from "./connection/limits.ts";
export type { FlowSelection, SwitchConnection } from "./connection/switch-connection.ts";
export { decodeAnyVersion, messageFromJson, messageToJson } from "./json/message-json.ts";
export { fromPlain, type PlainValue, toPlain } from "./json/plain-value.ts";
export { nicira } from "./nicira/actions.ts";
export { type Clone, type Ct, type Nat, noTable } from "./nicira/connection-tracking.ts";
export type { Controller2 } from "./nicira/controller.ts";
export type { EncapProperty } from "./nicira/encapsulation.ts";
export type { Learn, Learn2, LearnSource, LearnSpec } from "./nicira/learn.ts";
export type { Subfield, WholeField } from "./nicira/subfield.ts";
export { BucketId, type BucketGroupMod } from "./nicira/group-mod.ts";
export type { CtFlush } from "./nicira/ct-flush.ts";
export type { IpfixStats } from "./nicira/ipfix-stats.ts";
export type { PacketIn2, Resume } from "./nicira/packet-in2.ts";
export type { TlvMapping, TlvTable } from "./nicira/tlv-table.ts";
export { type Action, wholePacket } from "./of13/actions.ts";
export { errorName, saysUnsupported } from "./of13/error-names.ts";
export { checkFlow, type FlowToCheck, type Inconsistency, inconsistencyOf } from "./of13/consistency/consistency.ts";
export { ctState, tcpFlags } from "./of13/flag-conditions.ts";
export { flowFingerprint, flowKey } from "./of13/flow-identity.ts";
export type { Flow } from "./of13/flow.ts";
export { KeptFlowMod } from "./of13/messages/kept-flow-mod.ts";
export type { UnreadFlow } from "./of13/multipart/unread-flow.ts";
export type { Instruction } from "./of13/instructions.ts";
export { type Ipv6, ipv6FromInteger, ipv6ToInteger, parseIpv6 } from "./of13/ipv6.ts";
export { isMasked, type Masked, type Match, matchEntries, type MatchEntry, normalMatch } from "./of13/match.ts";
export {
  type Envelope,
  decodeMessage,
  encodeMessage,
  type Message,
  type Received,
  type ReceivedMessage,
} from "./of13/messages.ts";
export type { AsyncConfig } from "./of13/messages/async.ts";
export type { ErrorBody, ErrorMessage } from "./of13/messages/error.ts";
export { flowMod, type FlowMod, type FlowModCommand } from "./of13/messages/flow-mod.ts";
export type { FlowRemoved } from "./of13/messages/flow-removed.ts";
export type { Bucket, BucketInput, GroupMod } from "./of13/messages/group-mod.ts";
export { Meter, type MeterBand, type MeterMod } from "./of13/messages/meter-mod.ts";
export type { PacketIn } from "./of13/messages/packet-in.ts";
export { packetOut, type PacketOut } from "./of13/messages/packet-out.ts";
export type { PortMod } from "./of13/messages/port-mod.ts";
export type { PortStatus } from "./of13/messages/port-status.ts";
export type { QueueConfig } from "./of13/messages/queue-config.ts";
export type { ControllerRole } from "./of13/messages/role.ts";
export type { TableMod } from "./of13/messages/table-mod.ts";
export type { SwitchDescription, TableStats } from "./of13/multipart/descriptions.ts";
export type { AggregateStats, FlowFilter, FlowStats } from "./of13/multipart/flow-stats.ts";
export type { GroupDescription, GroupFeatures, GroupStats } from "./of13/multipart/groups.ts";
export type { MeterConfig, MeterFeatures, MeterStats } from "./of13/multipart/meters.ts";
export type { PortStats, QueueFilter, QueueStats } from "./of13/multipart/port-stats.ts";
export type { FieldId, TableFeatures, TableProperty } from "./of13/multipart/table-features.ts";
export { type FieldName, fieldRow, type FieldRow, fieldRows, fields, type FieldValue } from "./of13/oxm.ts";
export type { Prerequisites, WireNumber } from "./of13/oxm-table.ts";
export type { UnknownField } from "./of13/oxm-tlv.ts";
export type { PortDescription } from "./of13/port-description.ts";
export { allTables, Group, noBuffer, ofPort, Port } from "./of13/ports.ts";
export {
  aggregateStats,
  asyncConfig,
  barrier,
  echo,
  features,
  flowMonitor,
  flowStats,
  groupDescriptions,
  groupFeatures,
  groupStats,
  meterConfigs,
  meterFeatures,
  meterStats,
  portDescriptions,
  portStats,
  queueConfig,
  queueStats,
  type Request,
  role,
  switchConfig,
  switchDescription,
  tableFeatures,
  tableStats,
  tlvTable,
} from "./of13/requests.ts";
export type { FieldAssignment, MaskedFieldAssignment } from "./of13/set-field.ts";
export type { FlowUpdate } from "./onf/flow-monitor.ts";
export { formatActions, formatInstructions } from "./text/format-actions.ts";
export { formatFlow, formatFlowKey, formatFlowMod, formatFlowStats } from "./text/format-flow.ts";
export { formatMatch } from "./text/format-match.ts";
export { type FlowNames, reservedPortName } from "./text/names.ts";
export { parseActions, type ReadOptions } from "./text/parse/parse-actions.ts";
export {
  type FlowCounters,
  type FlowReadOptions,
  parseFlow,
  parseFlowMod,
  type ParsedFlow,
  type ParsedFlowMod,
} from "./text/parse/parse-flow.ts";
export { parseMatch } from "./text/parse/parse-match.ts";
export type { ReadNames } from "./text/parse/read-names.ts";
export { formatBucketGroup, formatGroup, formatGroupStats } from "./text/format-group.ts";
export { formatMessage } from "./text/format-message.ts";
export { formatMeter, formatMeterStats } from "./text/format-meter.ts";
export { formatPort, formatPorts, formatPortStats } from "./text/format-port.ts";
export { formatConfig, formatDescription, formatFeatures } from "./text/format-switch.ts";
export { formatTableStats } from "./text/format-table-stats.ts";
export { type GroupReadOptions, parseGroup, type ParsedGroup } from "./text/parse/parse-group.ts";
export { parseMeter } from "./text/parse/parse-meter.ts";
