import { LoomstackError } from "@loomstack/core";
import { isJsonArray, type Json, type JsonObject } from "../notation/json.ts";

/** A message of JSON-RPC 1.0, as RFC 7047, section 4 uses it. */
export type Message =
  | { readonly kind: "request"; readonly id: Json; readonly method: string; readonly params: readonly Json[] }
  | { readonly kind: "notification"; readonly method: string; readonly params: readonly Json[] }
  | { readonly kind: "result"; readonly id: Json; readonly result: Json }
  | { readonly kind: "error"; readonly id: Json; readonly error: Json };

/** @throws OVSDB__MALFORMED_MESSAGE */
export function readMessage(json: JsonObject): Message {
  const { id = null, method, params, result = null, error = null } = json;
  if (method !== undefined) {
    if (typeof method !== "string") throw malformed("its method isn't a string");
    if (!isJsonArray(params)) throw malformed("its params aren't an array");
    return id === null ? { kind: "notification", method, params } : { kind: "request", id, method, params };
  }
  if (id === null) throw malformed("it has neither a method nor an id");
  if (error !== null) return { kind: "error", id, error };
  if (json["result"] === undefined) throw malformed("it has neither a method nor a result nor an error");
  return { kind: "result", id, result };
}

export function formatMessage(message: Message): JsonObject {
  switch (message.kind) {
    case "request":
      return { method: message.method, params: message.params, id: message.id };
    case "notification":
      return { method: message.method, params: message.params, id: null };
    case "result":
      return { result: message.result, error: null, id: message.id };
    case "error":
      return { result: null, error: message.error, id: message.id };
  }
}

/** The longest text of a peer that goes into our errors, in characters. */
const longestText = 1_000;

/** The name and the details of an `<error>` (RFC 7047, 3.1), cut to a length fit for people. */
export function describeError(error: Json): { readonly error: string; readonly details: string } {
  if (typeof error === "string") return { error: error.slice(0, longestText), details: "no details given" };
  const members: JsonObject = typeof error === "object" && error !== null && !isJsonArray(error) ? error : {};
  const { error: name, details } = members;
  return {
    error: typeof name === "string" ? name.slice(0, longestText) : "an error without a name",
    details: typeof details === "string" ? details.slice(0, longestText) : "no details given",
  };
}

function malformed(reason: string): LoomstackError {
  return new LoomstackError("OVSDB__MALFORMED_MESSAGE", { reason });
}
