import fc from "fast-check";
import { expect, test } from "vitest";
import { isLoomstackError } from "@loomstack/core";
import { isJsonArray, isJsonObject, type Json, type JsonObject, stringifyJson } from "../notation/json.ts";
import { defaultFramingLimits, MessageFraming } from "./framing.ts";

const encoder = new TextEncoder();

function receive(framing: MessageFraming, ...chunks: readonly (string | Uint8Array)[]): JsonObject[] {
  return chunks.flatMap((chunk) => [...framing.push(typeof chunk === "string" ? encoder.encode(chunk) : chunk)]);
}

const harmless = ["{", "}", "[", "]", "ä", "€", "𝄞", "12345678901234567890", "u0022", " "];
/** Text that tempts a scanner: brackets, quotes, backslashes, digits, characters of 2 to 4 bytes. */
const temptingText = fc.array(fc.constantFrom('"', "\\", "\n", ...harmless)).map((parts) => parts.join(""));
/** Integers that are exact as a number, and such as aren't. */
const integer = fc.oneof(
  fc.integer(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).filter((number) => !Number.isSafeInteger(Number(number))),
);
const member = fc.oneof(
  temptingText,
  fc.array(fc.oneof(temptingText, integer)),
  fc.dictionary(temptingText, fc.oneof(integer, temptingText)),
  integer,
);
const message = fc.dictionary(temptingText, member);

/** The text of a message, every character of its names escaped that can be. */
function escapeNames(json: Json): string {
  if (isJsonArray(json)) return `[${json.map(escapeNames).join(",")}]`;
  if (!isJsonObject(json)) return stringifyJson(json);
  const units = (name: string): string =>
    Array.from({ length: name.length }, (_, at) => `\\u${name.charCodeAt(at).toString(16).padStart(4, "0")}`).join("");
  return `{${Object.entries(json)
    .map(([name, each]) => `"${units(name)}" :${escapeNames(each)}`)
    .join(",")}}`;
}

function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    chunks.push(bytes.slice(at, at + size));
    at += size;
  }
  return chunks;
}

test("the same messages come out, wherever the stream is cut", () => {
  fc.assert(
    fc.property(
      fc.array(message),
      fc.constantFrom("", " ", "\r\n\t"),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (messages, gap, sizes) => {
        const stream = encoder.encode(messages.map((json) => stringifyJson(json) + gap).join(""));
        const framing = new MessageFraming();
        expect(receive(framing, ...cut(stream, sizes))).toEqual(messages.map((json) => ({ ...json })));
        expect(framing.heldBytes).toBe(0);
      },
    ),
    { numRuns: 300 },
  );
});

test("names with escapes and integers of 64 bits are read as they were meant, whatever was read before", () => {
  // An object with this name makes V8's own JSON.parse read escaped names wrongly from then on.
  expect(JSON.parse(String.raw`{"h":[],"\\":0}`)).toHaveProperty(["\\"], 0);
  fc.assert(
    fc.property(message, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (json, sizes) => {
      for (const text of [stringifyJson(json), escapeNames(json)]) {
        const read = receive(new MessageFraming(), ...cut(encoder.encode(text), sizes));
        expect(read).toEqual([{ ...json }]);
      }
    }),
    { numRuns: 300 },
  );
  expect(receive(new MessageFraming(), String.raw`{"h":1,"\u0062":12345678901234567}`)).toEqual([
    { h: 1, b: 12345678901234567n },
  ]);
});

test("of an integer that has more than 64 bits only the size counts", () => {
  const [json] = receive(new MessageFraming(), `{"a":${"9".repeat(1_000_000)},"b":[1e400,-1e400]}`);
  expect(json).toEqual({ a: Infinity, b: [Infinity, -Infinity] });
});

test("escapes and characters of several bytes may be cut in the middle", () => {
  const bytes = encoder.encode(String.raw`{"€":"\"}\\"}{"b":"\u20ac"}`);
  expect(receive(new MessageFraming(), ...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual([
    { "€": '"}\\' },
    { b: "€" },
  ]);
});

test("a message is handed out before what follows it is looked at", () => {
  const framing = new MessageFraming();
  const messages = framing.push(encoder.encode('{"a":1}garbage'));
  expect(messages.next().value).toEqual({ a: 1 });
  expect(() => messages.next()).toThrow("a message doesn't begin with {");
});

test("a long message in the smallest of chunks costs no more than its bytes", () => {
  const framing = new MessageFraming();
  const bytes = encoder.encode(JSON.stringify({ text: "x".repeat(300_000) }));
  const messages = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)).flatMap((chunk) => [
    ...framing.push(chunk),
  ]);
  expect(messages).toHaveLength(1);
});

test("an endless string is given up at the limit, and no more than the limit is held", () => {
  const framing = new MessageFraming({ ...defaultFramingLimits, maxMessageBytes: 1_000 });
  const chunk = encoder.encode("x".repeat(100));
  receive(framing, '{"a":"');
  const flood = (): void => {
    for (let n = 0; n < 1_000; n++) receive(framing, chunk);
  };
  expect(flood).toThrow("a message of more than 1000 bytes");
  expect(framing.heldBytes).toBeLessThanOrEqual(1_000);
});

test("a message of exactly the limit passes, one byte more doesn't", () => {
  const limits = { ...defaultFramingLimits, maxMessageBytes: 7 };
  expect(receive(new MessageFraming(limits), '{"a":1}')).toEqual([{ a: 1 }]);
  expect(() => receive(new MessageFraming(limits), '{"a":12}')).toThrow("more than 7 bytes");
});

test("nesting is limited", () => {
  expect(() => receive(new MessageFraming(), `{"a":${"[".repeat(2_000)}`)).toThrow("nested more than 1000 deep");
});

test.each([
  ["an array", "[1]"],
  ["a number", "1"],
  ["closed too often", "}"],
  ["mismatched brackets", '{"a":[}}'],
  ["a byte order mark", "\ufeff{}"],
  ["an HTTP request", "GET / HTTP/1.1\r\n\r\n"],
  ["a raw line break in a string", '{"a":"\n"}'],
  ["something after the value", '{"a":1 2}'],
  ["bytes that aren't UTF-8", Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)],
])("%s is not a message", (_, stream) => {
  expect(() => receive(new MessageFraming(), stream)).toThrow("isn't JSON-RPC as in RFC 7047");
});

test("what was read isn't repeated in the error's message: it may be secret", () => {
  try {
    receive(new MessageFraming(), '{"psk":secret}');
    expect.unreachable();
  } catch (error) {
    expect(isLoomstackError(error, "OVSDB__MALFORMED_MESSAGE") && error.message).not.toContain("secret");
  }
});

test("of two members with one name the last counts, and no member can reach into prototypes", () => {
  const [json] = receive(new MessageFraming(), '{"a":1,"a":2,"__proto__":{"polluted":true}}');
  expect(json?.["a"]).toBe(2);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test("integers of 64 bits keep their digits, also in messages that were cut", () => {
  expect(receive(new MessageFraming(), '{"a":12345678', "9012345678}", '{"b":1}')).toEqual([
    { a: 123456789012345678n },
    { b: 1 },
  ]);
});
