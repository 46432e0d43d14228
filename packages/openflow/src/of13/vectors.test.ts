/**
 * The golden messages of packages/openflow/vectors: bytes that Open vSwitch and its tools have sent, a line for each
 * part, and behind `---` the value as JSON, where "0x1n" is a bigint and "bytes:00ff" are bytes. The first lines say
 * who sent them, and how ovs-ofctl reads them.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { isLoomstackError } from "@loomstack/core";
import { describe, expect, test } from "vitest";
import { decodeMessage, encodeMessage, type Message } from "./messages.ts";

interface Vector {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly value: { readonly xid: number; readonly message: Message };
}

const folder = path.resolve(import.meta.dirname, "../../vectors/of13");
const vectors = readdirSync(folder).map(readVector);

describe.each(vectors)("$name", ({ bytes, value }) => {
  test("decodes to the value", () => {
    const { xid, message } = decodeMessage(bytes);
    expect({ xid, message }).toEqual(value);
  });

  test("encodes to the same bytes", () => {
    expect(Buffer.from(encodeMessage(value.message, value.xid)).toString("hex")).toBe(
      Buffer.from(bytes).toString("hex"),
    );
  });

  test("is refused as truncated wherever it is cut off", () => {
    for (let size = 0; size < bytes.byteLength; size++) {
      expect(() => decodeMessage(bytes.subarray(0, size))).toThrow(
        expect.objectContaining({ code: "WIRE__TRUNCATED" }),
      );
    }
  });
});

test("a message with bytes changed at random is read or refused, and nothing worse", () => {
  const changes = fc.array(fc.record({ at: fc.nat(), to: fc.nat(255) }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...vectors), changes, ({ bytes }, changed) => {
      const hostile = Uint8Array.from(bytes);
      for (const { at, to } of changed) hostile[at % bytes.byteLength] = to;
      try {
        const { xid, message } = decodeMessage(hostile);
        decodeMessage(encodeMessage(message, xid));
      } catch (error) {
        if (!isLoomstackError(error)) throw error;
        expect(error.code).toMatch(/^(WIRE|OPENFLOW)__/);
      }
    }),
    { numRuns: 3000 },
  );
});

function readVector(file: string): Vector {
  const [hex = "", json = ""] = readFileSync(path.join(folder, file), "utf8").split("\n---\n");
  const octets = hex.replaceAll(/#.*/g, "").replaceAll(/\s/g, "");
  return {
    name: file,
    bytes: Uint8Array.from(Buffer.from(octets, "hex")),
    value: JSON.parse(json, revive) as Vector["value"],
  };
}

function revive(_: string, value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (/^0x[0-9a-f]+n$/.test(value)) return BigInt(value.slice(0, -1));
  return value.startsWith("bytes:") ? Uint8Array.from(Buffer.from(value.slice("bytes:".length), "hex")) : value;
}
