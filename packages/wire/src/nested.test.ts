import { expect, test } from "vitest";
import { type Codec, decode, encode } from "./codec.ts";
import { u8 } from "./integers.ts";
import { listToEnd } from "./list.ts";
import { nested } from "./nested.ts";
import { sized } from "./sized.ts";
import { u16 } from "./integers.ts";

interface Tree {
  readonly children: readonly Tree[];
}

const tree: Codec<Tree> = nested(3, () => ({
  read: (reader) => ({ children: children.read(reader) }),
  write: (writer, value) => children.write(writer, value.children),
}));
const children: Codec<readonly Tree[]> = sized(u16, listToEnd(tree));

const chain = (depth: number): Tree => ({ children: depth === 1 ? [] : [chain(depth - 1)] });

test("a value may contain itself as deep as is allowed", () => {
  expect(decode(tree, encode(tree, chain(3)))).toEqual(chain(3));
  expect(() => encode(tree, chain(4))).toThrow("a value in itself does not fit into nesting of at most 3");
});

test("what is nested deeper is refused without reading it", () => {
  const bytes = Uint8Array.of(0, 6, 0, 4, 0, 2, 0, 0);
  expect(() => decode(tree, bytes)).toThrow("nested more than 3 deep");
});

test("siblings aren't nested", () => {
  const wide: Tree = { children: [chain(2), chain(2), chain(2), chain(1)] };
  expect(decode(tree, encode(tree, wide))).toEqual(wide);
});

test("a codec that stands for itself is made when it is needed", () => {
  expect(
    decode(
      nested(1, () => u8),
      Uint8Array.of(7),
    ),
  ).toBe(7);
});
