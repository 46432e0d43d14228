/**
 * The golden messages of packages/openflow/vectors: bytes that Open vSwitch and its tools have sent, a line for each
 * part, and behind `---` the value as JSON, where "0x1n" is a bigint and "bytes:00ff" are bytes. The first lines say
 * who sent them, and how ovs-ofctl reads them.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Message } from "../of13/messages.ts";
import { dialectOf } from "./dialect.ts";
import { checkRoundTrip } from "./round-trip.check.ts";

interface Vector {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly value: { readonly xid: number; readonly message: Message };
}

const root = path.resolve(import.meta.dirname, "../../vectors");
const dialects = {
  of10: dialectOf("1.0", { flowModTableId: true }),
  of13: dialectOf("1.3"),
  of15: dialectOf("1.5"),
} as const;
const vectors = (["of10", "of13", "of15"] as const).flatMap((folder) =>
  readdirSync(path.join(root, folder)).map((file) => ({
    ...readVector(path.join(folder, file)),
    dialect: dialects[folder],
  })),
);

describe.each(vectors)("$name", ({ bytes, value, dialect: { decode, encode } }) => {
  test("decodes to the value", () => {
    const { xid, message } = decode(bytes);
    expect({ xid, message }).toEqual(value);
  });

  test("encodes to the same bytes", () => {
    expect(Buffer.from(encode(value.message, value.xid)).toString("hex")).toBe(Buffer.from(bytes).toString("hex"));
  });

  test("is refused as truncated wherever it is cut off", () => {
    for (let size = 0; size < bytes.byteLength; size++) {
      expect(() => decode(bytes.subarray(0, size))).toThrow(expect.objectContaining({ code: "WIRE__TRUNCATED" }));
    }
  });
});

test("a message with bytes changed at random is read or refused, and nothing worse", () => {
  const changes = fc.array(fc.record({ at: fc.nat(), to: fc.nat(255) }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...vectors), changes, ({ bytes }, changed) => {
      const hostile = Uint8Array.from(bytes);
      for (const { at, to } of changed) hostile[at % bytes.byteLength] = to;
      checkRoundTrip(hostile);
    }),
    { numRuns: 3000 },
  );
});

function readVector(file: string): Vector {
  const [hex = "", json = ""] = readFileSync(path.join(root, file), "utf8").split("\n---\n");
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
