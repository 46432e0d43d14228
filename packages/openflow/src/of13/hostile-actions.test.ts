/** Bytes of actions and fields that nobody who means well sends. */
import { isLoomstackError } from "@loomstack/core";
import { type Codec, decode, encode } from "@loomstack/wire";
import { expect, test } from "vitest";
import { actionSamples } from "./action.samples.ts";
import { type Action, actions } from "./actions.ts";
import { fieldSamples } from "./field.samples.ts";
import { instructions } from "./instructions.ts";
import { match } from "./match.ts";

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
const codeOf = (run: () => unknown): string => {
  try {
    run();
    return "";
  } catch (error) {
    if (!isLoomstackError(error)) throw error;
    return error.code;
  }
};

test.each(actionSamples)("every truncated prefix of $name is refused", (sample) => {
  const [instruction] = sample.instructions;
  if (instruction === undefined) return;
  const bytes = encode(instructions, [instruction]);
  for (let size = 1; size < bytes.byteLength; size++)
    expect(codeOf(() => decode(instructions, bytes.subarray(0, size)))).toBe("WIRE__TRUNCATED");
});

test.each(fieldSamples)("every truncated prefix of $row.name (mask: $masked) is refused", (sample) => {
  const bytes = encode(match, sample.match);
  for (let size = 0; size < bytes.byteLength; size++)
    expect(codeOf(() => decode(match, bytes.subarray(0, size)))).toBe("WIRE__TRUNCATED");
});

function chain(kind: "clone" | "ct", depth: number): Action {
  return { kind, actions: depth === 1 ? [] : [chain(kind, depth - 1)] };
}

test.each(["clone", "ct"] as const)("%s in itself is read a hundred levels deep, and no deeper", (kind) => {
  const deep = encode(actions, [chain(kind, 100)]);
  expect(encode(actions, decode(actions, deep))).toEqual(deep);
  expect(() => encode(actions, [chain(kind, 102)])).toThrow("nesting of at most 100");
});

test("64 KiB of nested headers are refused at the hundredth", () => {
  const depth = 4000;
  const bytes = new Uint8Array(16 * depth);
  const view = new DataView(bytes.buffer);
  for (let level = 0; level < depth; level++) {
    bytes.set(hex("ffff 0000 00002320 002a 000000000000"), 16 * level);
    view.setUint16(16 * level + 2, bytes.byteLength - 16 * level);
  }
  expect(() => decode(actions, bytes)).toThrow("nested more than 100 deep");
});

/** Each with the path and the offset of what is wrong. */
const malformed: readonly (readonly [what: string, bytes: string, error: string])[] = [
  ["an action whose length isn't a multiple of 8", "0016 000c 00000001 00000000", "not a multiple of 8"],
  [
    "an action that is longer than what it is in",
    "ffff 0020 00002320 002a 000000000000 ffff 0010 00002320 0011 000000000000 00",
    "",
  ],
  [
    "a nested action that is longer than its clone",
    "ffff 0018 00002320 002a 000000000000 0000 0010 00000001",
    "[0].clone.actions[0] ends at byte 24",
  ],
  [
    "a clone with bytes that must be zero",
    "ffff 0010 00002320 002a 000000010000",
    "[0].clone._ at byte 14: a byte 1 where only zeros",
  ],
  ["a ct with bytes that must be zero", "ffff 0018 00002320 0023 0000 00000000 0000 ff 000001 0000", "[0].ct._"],
  [
    "a nat with a member that isn't there",
    "ffff 0010 00002320 0024 0000 0001 0001",
    "[0].nat.range.ipv4Min ends at byte 16",
  ],
  [
    "a nat with a range that nobody knows",
    "ffff 0010 00002320 0024 0000 0001 0040",
    "a mask of 0x40 where 0x3f is all",
  ],
  ["a move of more bits than there are", "ffff 0018 00002320 0006 0031 0000 0000 00000406 00000206", "ethSrc[0..48]"],
  [
    "a load of a number with more bits than there are for it",
    "ffff 0018 00002320 0007 0007 00010004 0000000000000100",
    "0x100 where there are 8 bits",
  ],
  [
    "a field of another size than its own",
    "0019 0010 80000806 525400000001 0000 0019 0010 80000804 52540000 00000000",
    "[1].setField.ethSrc",
  ],
  ["a set_field without room for an experimenter", "0019 0008 ffff0002", "no room for an experimenter"],
  [
    "a bundle of more ports than are allowed",
    "ffff 0020 00002320 000c 0000 0000 0000 00000002 0801 0000 00000000 00000000",
    "2049 items where at most 2048",
  ],
  [
    "a learn with a spec for nothing known",
    "ffff 0028 00002320 0010 0000 0000 8000 0000000000000000 0000 00 00 0000 0000 1810 000000020000",
    "neither match, load nor output",
  ],
  [
    "a learn that ends in the middle of a spec",
    "ffff 0028 00002320 0010 0000 0000 8000 0000000000000000 0000 00 00 0000 0000 0030 000004060000",
    "[0].learn.specs[0] ends",
  ],
  [
    "a controller property that is shorter than its header",
    "ffff 0018 00002320 0025 000000000000 0000 0003 00000000",
    "a length of 3",
  ],
  [
    "an encap property that is shorter than its header",
    "ffff 0018 00002320 002e 0000 0001894f 0004 01 03 00000000",
    "a length of 3",
  ],
  [
    "a stack action that isn't filled up with zeros",
    "ffff 0018 00002320 001b 0000 00010004 0020 000000000001",
    "where only zeros are allowed",
  ],
];

test.each(malformed)("%s is refused", (_, bytes, error) => {
  expect(() => decode(actions, hex(bytes), "actions")).toThrow(
    expect.objectContaining({ message: expect.stringContaining(error) as string, name: "LoomstackError" }),
  );
});

/** Values of a byte that change what it says: other numbers, other lengths, one bit more or less. */
const otherBytes = (octet: number): readonly number[] => [0, 1, 0x7f, 0xff, octet ^ 1, octet ^ 4, octet ^ 0x20];

/** Changes every byte of `original`; what is read then is written as it was read, but for padding, which is zero. */
function expectExactness<Value>(codec: Codec<Value>, original: Uint8Array): void {
  for (const [at, octet] of original.entries()) {
    for (const other of otherBytes(octet)) {
      const hostile = original.with(at, other);
      const value = readable(() => decode(codec, hostile));
      if (value === undefined) continue;
      const again = encode(codec, value);
      const wrong = again.findIndex((written, index) => written !== hostile[index] && written !== 0);
      expect({ at, other, wrong, size: again.byteLength }).toEqual({ at, other, wrong: -1, size: hostile.byteLength });
    }
  }
}

function readable<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (!isLoomstackError(error)) throw error;
    expect(error.code).toMatch(/^WIRE__(TRUNCATED|MALFORMED|TRAILING_BYTES)$/);
    return undefined;
  }
}

test.each(actionSamples)("$name with one other byte is refused, or comes out as it went in", (sample) => {
  expectExactness(instructions, encode(instructions, sample.instructions));
});

// Of fields that differ in their number only, the first are enough.
const different = fieldSamples.filter(({ row }) => !/^(tunMetadata|x*reg)([2-9]|\d\d)$/.test(row.name));

test.each(different)(
  "$row.name (mask: $masked) with one other byte is refused, or comes out as it went in",
  (sample) => {
    expectExactness(match, encode(match, sample.match));
  },
);
