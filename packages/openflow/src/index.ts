export { listenForSwitches, type ListenerTls, type ListenOptions, type SwitchListener } from "./connection/listener.ts";
export { type ConnectionLimits, defaultLimits } from "./connection/limits.ts";
export type { SwitchConnection } from "./connection/switch-connection.ts";
export { nicira } from "./nicira/actions.ts";
export type { Subfield } from "./nicira/subfield.ts";
export { type Action, wholePacket } from "./of13/actions.ts";
export { errorName, saysUnsupported } from "./of13/error-names.ts";
export { flowFingerprint, flowKey } from "./of13/flow-identity.ts";
export type { Flow } from "./of13/flow.ts";
export type { Instruction } from "./of13/instructions.ts";
export { type Ipv6, ipv6FromInteger, ipv6ToInteger, parseIpv6 } from "./of13/ipv6.ts";
export {
  isMasked,
  type Masked,
  type Match,
  matchEntries,
  type MatchEntry,
  normalMatch,
  type UnknownField,
} from "./of13/match.ts";
export {
  type Envelope,
  decodeMessage,
  encodeMessage,
  type Message,
  type Received,
  type ReceivedMessage,
} from "./of13/messages.ts";
export type { ErrorBody, ErrorMessage } from "./of13/messages/error.ts";
export { flowMod, type FlowMod, type FlowModCommand } from "./of13/messages/flow-mod.ts";
export type { FlowRemoved } from "./of13/messages/flow-removed.ts";
export type { PacketIn } from "./of13/messages/packet-in.ts";
export { packetOut, type PacketOut } from "./of13/messages/packet-out.ts";
export type { PortStatus } from "./of13/messages/port-status.ts";
export type { ControllerRole } from "./of13/messages/role.ts";
export type { SwitchDescription, TableStats } from "./of13/multipart/descriptions.ts";
export type { AggregateStats, FlowFilter, FlowStats } from "./of13/multipart/flow-stats.ts";
export { type FieldName, fieldRow, type FieldRow, fieldRows, fields, type FieldValue } from "./of13/oxm.ts";
export type { Prerequisites } from "./of13/oxm-table.ts";
export type { PortDescription } from "./of13/port-description.ts";
export { allTables, Group, noBuffer, ofPort, Port } from "./of13/ports.ts";
export {
  aggregateStats,
  barrier,
  echo,
  features,
  flowMonitor,
  flowStats,
  portDescriptions,
  type Request,
  role,
  switchConfig,
  switchDescription,
  tableStats,
} from "./of13/requests.ts";
export type { FieldAssignment } from "./of13/set-field.ts";
export type { FlowUpdate } from "./onf/flow-monitor.ts";
export { formatActions, formatInstructions } from "./text/format-actions.ts";
export { formatFlow, formatFlowMod } from "./text/format-flow.ts";
export { formatMatch } from "./text/format-match.ts";
export type { FlowNames } from "./text/names.ts";
