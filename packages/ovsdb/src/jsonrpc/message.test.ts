import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonObject } from "../notation/json.ts";
import { describeError, formatMessage, type Message, readMessage } from "./message.ts";

const id = fc.oneof(fc.integer(), fc.string());
const params = fc.array(fc.jsonValue({ maxDepth: 1 })) as fc.Arbitrary<readonly JsonObject[]>;
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ kind: fc.constant("request" as const), id, method: fc.string(), params }),
  fc.record({ kind: fc.constant("notification" as const), method: fc.string(), params }),
  fc.record({ kind: fc.constant("result" as const), id, result: fc.constantFrom(null, 1, "x") }),
  fc.record({ kind: fc.constant("error" as const), id, error: fc.constantFrom("unknown method", 7) }),
);

test("each kind of message survives the way to JSON and back", () => {
  fc.assert(
    fc.property(message, (sent) => {
      expect(readMessage(formatMessage(sent))).toEqual(sent);
    }),
  );
});

test.each<JsonObject>([
  {},
  { id: 1 },
  { id: null, result: 1 },
  { method: 1, params: [], id: 1 },
  { method: "echo", params: {}, id: 1 },
  { method: "echo", id: 1 },
])("%j is not a message", (json) => {
  expect(() => readMessage(json)).toThrow("isn't JSON-RPC as in RFC 7047");
});

test("an error is described whether it is a string, an object or something else", () => {
  expect(describeError("unknown method").error).toBe("unknown method");
  expect(describeError({ error: "aborted", details: "why" })).toEqual({ error: "aborted", details: "why" });
  expect(describeError([1]).error).toBe("an error without a name");
});
