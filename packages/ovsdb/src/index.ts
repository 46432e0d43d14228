export type { Replica, ReplicaRow, RowChange, SelectedTable } from "./cache/replica.ts";
export { changedColumns, type RowHandlers } from "./cache/row-events.ts";
export type { FoundRow, KeysOf, RowIndex } from "./cache/row-index.ts";
export type { MonitorOptions, OvsdbClient, ResultsOf, TransactOptions } from "./client/client.ts";
export { connectOvsdb, type ConnectOvsdbOptions } from "./client/connect.ts";
export { listenOvsdb, type ListenOvsdbOptions, type OvsdbListener } from "./client/listen.ts";
export type { Lock } from "./client/locks.ts";
export { openOvsdb } from "./client/open.ts";
export { isCertainlyNotDone } from "./client/outcome.ts";
export type {
  ConnectionEvent,
  OpenOvsdbOptions,
  ReconnectingOvsdb,
  ResumedLockOptions,
  ResumedMonitorOptions,
} from "./client/reconnecting.ts";
export { parseRemote, type Remote } from "./client/remote.ts";

export { transactOnce, type TransactOnceOptions } from "./client/transact-once.ts";
export type { RowEvent, RowEvents, Watch, WatchOptions } from "./client/watch.ts";
export type { Draft, DraftKey, DraftRow, RowId } from "./draft/draft.ts";
export { defaultFramingLimits, type FramingLimits, MessageFraming } from "./jsonrpc/framing.ts";
export { formatMessage, type Message, readMessage } from "./jsonrpc/message.ts";
export { isRefusal, type RefusalCode } from "./jsonrpc/refusal.ts";
export { defaultSessionLimits, type SessionLimits } from "./jsonrpc/session-limits.ts";
export type { MonitorConditions } from "./monitor/conditions.ts";
export { differenceOf } from "./monitor/difference.ts";
export type { MonitorSelect, TableSelection } from "./monitor/selection.ts";
export type { Atom, Integer } from "./notation/atom.ts";
export { decodeAtom } from "./notation/atom.ts";
export type { Condition } from "./notation/condition.ts";
export { isJsonArray, isJsonObject, type Json, type JsonObject, parseJson, stringifyJson } from "./notation/json.ts";
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
export type { ColumnName, Row, RowInput, RowPatch, TableName, WholeRow } from "./schema/row-types.ts";
export type { BaseType, ColumnSchema, DatabaseSchema, TableSchema } from "./schema/schema.ts";
export { type ServerDatabase, serverDatabase } from "./schema/server.generated.ts";
