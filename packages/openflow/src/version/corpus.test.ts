/**
 * The corpus that scripts/fuzz.ts has left in vectors/corpus: of each version the shortest inputs that together reach
 * everything that it has found, one in hexadecimal a line.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { checkRoundTrip, dialectOfBytes } from "./round-trip.check.ts";

const folder = path.resolve(import.meta.dirname, "../../vectors/corpus");

describe.each(readdirSync(folder))("%s", (file) => {
  const inputs = readFileSync(path.join(folder, file), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => Uint8Array.from(Buffer.from(line, "hex")));

  test("every input is a message that survives being written, or is refused with a typed error", () => {
    const outcomes = inputs.map(checkRoundTrip);
    expect(outcomes.filter(({ kind }) => kind === "message").length).toBeGreaterThan(10);
    expect(outcomes.filter(({ kind }) => kind === "refused").length).toBeGreaterThan(10);
  });

  test("of every input that is a message, no prefix is one", () => {
    for (const bytes of inputs.filter((input) => checkRoundTrip(input).kind === "message")) {
      for (let size = 0; size < bytes.byteLength; size++) {
        const decode = (): unknown => dialectOfBytes(bytes).decode(bytes.subarray(0, size));
        expect(decode).toThrow(expect.objectContaining({ code: "WIRE__TRUNCATED" }));
      }
    }
  });
});
