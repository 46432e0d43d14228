export type { Replica, ReplicaRow, RowChange, SelectedTable } from "./cache/replica.ts";
export type { RowIndex } from "./cache/row-index.ts";
export type { MonitorOptions, OvsdbClient, ResultsOf, TransactOptions } from "./client/client.ts";
export { connectOvsdb, type ConnectOvsdbOptions } from "./client/connect.ts";
export { listenOvsdb, type ListenOvsdbOptions, type OvsdbListener } from "./client/listen.ts";
export type { Lock } from "./client/locks.ts";
export { openOvsdb } from "./client/open.ts";
export type {
  ConnectionEvent,
  OpenOvsdbOptions,
  ReconnectingOvsdb,
  ResumedMonitorOptions,
} from "./client/reconnecting.ts";
export { parseRemote, type Remote } from "./client/remote.ts";
export type { TlsIdentity } from "./client/socket.ts";
export { defaultFramingLimits, type FramingLimits, MessageFraming } from "./jsonrpc/framing.ts";
export { formatMessage, type Message, readMessage } from "./jsonrpc/message.ts";
export { defaultSessionLimits, type SessionLimits } from "./jsonrpc/session-limits.ts";
export type { MonitorConditions } from "./monitor/conditions.ts";
export { differenceOf } from "./monitor/difference.ts";
export type { TableSelection } from "./monitor/selection.ts";
export type { Atom, Integer } from "./notation/atom.ts";
export { decodeAtom } from "./notation/atom.ts";
export type { Condition } from "./notation/condition.ts";
export { isJsonArray, isJsonObject, type Json, type JsonObject, stringifyJson } from "./notation/json.ts";
export type { Mutation } from "./notation/mutation.ts";
export type {
  CountResult,
  EmptyResult,
  InsertResult,
  OperationResult,
  SelectResult,
} from "./notation/operation-result.ts";
export {
  abort,
  assert,
  comment,
  commit,
  insert,
  mutate,
  type Operation,
  remove,
  select,
  update,
  wait,
} from "./notation/operation.ts";
export { namedUuid, type NamedUuid, type ResolveName, zeroUuid } from "./notation/uuid.ts";
export {
  type ColumnValue,
  decodeValue,
  defaultValue,
  encodeValue,
  isAtomMap,
  isAtomSet,
  valuesEqual,
} from "./notation/value.ts";
export { formatSchema } from "./schema/format-schema.ts";
export { findColumn, findTable } from "./schema/lookup.ts";
export { type OpenVswitch, openVswitch } from "./schema/open-vswitch.generated.ts";
export { parseSchema } from "./schema/parse-schema.ts";
export type { ColumnName, Row, RowInput, RowPatch, TableName } from "./schema/row-types.ts";
export type { BaseType, ColumnSchema, DatabaseSchema, TableSchema } from "./schema/schema.ts";
