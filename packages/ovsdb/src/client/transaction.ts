import { type ErrorCode, LoomstackError } from "@loomstack/core";
import { describeError } from "../jsonrpc/message.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../notation/json.ts";
import type { OperationResult } from "../notation/operation-result.ts";
import type { Operation } from "../notation/operation.ts";

type OperationErrorCode = Extract<ErrorCode, `OVSDB__${string}`> & OperationCodes[keyof OperationCodes];
type OperationCodes = typeof operationCodes;

/** The `error` members that RFC 7047 (4.1.3, 5.2) and ovsdb-server have for operations. */
const operationCodes = {
  "referential integrity violation": "OVSDB__REFERENTIAL_INTEGRITY_VIOLATION",
  "constraint violation": "OVSDB__CONSTRAINT_VIOLATION",
  "resources exhausted": "OVSDB__RESOURCES_EXHAUSTED",
  "I/O error": "OVSDB__IO_ERROR",
  "duplicate uuid-name": "OVSDB__DUPLICATE_UUID_NAME",
  "duplicate uuid": "OVSDB__DUPLICATE_UUID",
  "domain error": "OVSDB__DOMAIN_ERROR",
  "range error": "OVSDB__RANGE_ERROR",
  "timed out": "OVSDB__TIMED_OUT",
  "not supported": "OVSDB__NOT_SUPPORTED",
  aborted: "OVSDB__ABORTED",
  "not owner": "OVSDB__NOT_OWNER",
  "not allowed": "OVSDB__NOT_ALLOWED",
  "permission error": "OVSDB__PERMISSION_ERROR",
  "syntax error": "OVSDB__SYNTAX_ERROR",
  "unknown column": "OVSDB__SYNTAX_ERROR",
  "unknown table": "OVSDB__SYNTAX_ERROR",
  "unknown function": "OVSDB__SYNTAX_ERROR",
  "unknown mutator": "OVSDB__SYNTAX_ERROR",
  "internal error": "OVSDB__INTERNAL_ERROR",
} as const satisfies Readonly<Record<string, ErrorCode>>;

/**
 * Reads the result of a transaction: one result for each operation, nothing after the first error, and possibly one
 * error more, of the commit (RFC 7047, 4.1.3).
 *
 * @throws the code of the error that the server reports, OVSDB__MALFORMED_VALUE
 */
export function readResults(remote: string, operations: readonly Operation[], json: Json): readonly OperationResult[] {
  if (!isJsonArray(json)) throw malformed("an array was expected");
  json.forEach((result, index) => {
    if (isJsonObject(result) && (result["error"] ?? null) !== null) {
      throw operationError(remote, operations, index, result);
    }
  });
  return operations.map((operation, index) => {
    const result = json[index];
    if (!isJsonObject(result)) throw malformed(`operation ${index} has no result`);
    return operation.decodeResult(result);
  });
}

/** What an operation does and to which row, for people. Values of other columns are left out: they may be secret. */
export function describeOperation({ json }: Operation): string {
  const { op, table, row, where } = json;
  const columns = isJsonObject(row) ? Object.keys(row) : [];
  const parts = [
    text(op),
    ...(typeof table === "string" ? [table] : []),
    ...(columns.length > 0 ? [`(${columns.map((column) => describeColumn(column, row)).join(", ")})`] : []),
    ...(isJsonArray(where) && where.length > 0 ? [`where ${where.map(describeCondition).join(" and ")}`] : []),
  ];
  return parts.join(" ");
}

function describeColumn(column: string, row: Json | undefined): string {
  const name = isJsonObject(row) && column === "name" ? row["name"] : undefined;
  return typeof name === "string" ? `name ${name}` : column;
}

function describeCondition(condition: Json): string {
  if (typeof condition === "boolean") return String(condition);
  const [column, compare, value] = isJsonArray(condition) ? condition : [];
  const start = `${text(column)} ${text(compare)}`;
  if (column === "name") return `${start} ${text(value)}`;
  return column === "_uuid" && isJsonArray(value) ? `${start} ${text(value[1])}` : `${start} …`;
}

function text(json: Json | undefined): string {
  return typeof json === "string" ? json : "…";
}

function operationError(
  remote: string,
  operations: readonly Operation[],
  index: number,
  result: JsonObject,
): LoomstackError {
  const { error, details } = describeError(result);
  const failed = operations[index];
  const operation = failed === undefined ? "the commit" : describeOperation(failed);
  const code = isKnown(error) ? operationCodes[error] : undefined;
  if (code === undefined) {
    return new LoomstackError("OVSDB__OPERATION_FAILED", { remote, index, operation, error, details });
  }
  return new LoomstackError<OperationErrorCode>(code, { remote, index, operation, details });
}

function isKnown(error: string): error is keyof OperationCodes {
  return Object.hasOwn(operationCodes, error);
}

function malformed(reason: string): LoomstackError {
  return new LoomstackError("OVSDB__MALFORMED_VALUE", { label: "the result of a transaction", reason });
}
