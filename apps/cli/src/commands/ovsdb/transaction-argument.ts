import { LoomstackError, messageOf } from "@loomstack/core";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  type Operation,
  parseJson,
  type SelectResult,
} from "@loomstack/ovsdb";
import type { CommandIo } from "../../io.ts";

/** What `transact` takes: the params of RFC 7047's transact request (4.1.3). */
export interface Transaction {
  readonly database: string;
  readonly operations: readonly JsonObject[];
}

const maxInputBytes = 128 * 1024 * 1024;

/** @param text the JSON, or `-`: it is read from standard input @throws CLI__USAGE; why the command shall end */
export async function readTransaction(text: string, io: CommandIo): Promise<Transaction> {
  return parseTransaction(text === "-" ? await readInput(io) : text);
}

/** @throws CLI__USAGE */
export function parseTransaction(text: string): Transaction {
  const json = parse(text);
  const [database, ...operations] = isJsonArray(json) ? json : [];
  if (typeof database !== "string") throw usage('a transaction is a JSON array: ["DATABASE", {"op": …}, …]');
  return {
    database,
    operations: operations.map((operation, index) => {
      if (isJsonObject(operation)) return operation;
      throw usage(`operation ${index} of the transaction isn't a JSON object`);
    }),
  };
}

/** An operation as it stands, whose result is passed on as it comes: the row of a list of one. */
export function rawOperation(json: JsonObject): Operation<SelectResult<JsonObject>> {
  return { json, decodeResult: (result) => ({ rows: [result] }) };
}

function parse(text: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    throw usage(`the transaction isn't JSON: ${messageOf(error)}`);
  }
}

async function readInput({ input, signal }: CommandIo): Promise<string> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([readAll(input), aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

async function readAll(input: AsyncIterable<Uint8Array | string>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of input) {
    text += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    if (text.length > maxInputBytes) throw usage(`a transaction of more than ${maxInputBytes} bytes`);
  }
  return text + decoder.decode();
}

function usage(reason: string): LoomstackError {
  return new LoomstackError("CLI__USAGE", { reason });
}
