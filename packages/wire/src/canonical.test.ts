import { expect, test } from "vitest";
import { canonicalOnly } from "./canonical.ts";
import { decode, encode } from "./codec.ts";
import { complete } from "./complete.ts";
import { u16, u8 } from "./integers.ts";
import { listToEnd } from "./list.ts";
import { pad } from "./padding.ts";
import { struct } from "./struct.ts";
import { tagged } from "./unknown.ts";
import { variants } from "./variants.ts";

const Item = tagged(u8, variants({ pair: [1, canonicalOnly(struct({ a: u8, _: pad(1) }))] }));

test("what is written in our way is read", () => {
  expect(encode(Item, { kind: "pair", a: 7 })).toEqual(Uint8Array.of(1, 7, 0));
  expect(decode(Item, Uint8Array.of(1, 7, 0))).toEqual({ kind: "pair", a: 7 });
});

test("what is written in another way is kept byte for byte", () => {
  const bytes = Uint8Array.of(1, 7, 9);
  expect(decode(Item, bytes)).toEqual({ kind: "unknown", type: 1, bytes: Uint8Array.of(7, 9) });
  expect(encode(Item, decode(Item, bytes))).toEqual(bytes);
});

test("a struct with a member that isn't known isn't known", () => {
  const even = { read: (reader: { u8: () => number }) => [undefined, 1][reader.u8() % 2], write: u8.write };
  const Both = complete(struct({ first: even, second: u16 }));
  expect(decode(Both, Uint8Array.of(1, 0, 7))).toEqual({ first: 1, second: 7 });
  expect(decode(Both, Uint8Array.of(2, 0, 7))).toBeUndefined();
  expect(decode(listToEnd(Both), Uint8Array.of(1, 0, 7, 2, 0, 7))).toEqual([{ first: 1, second: 7 }, undefined]);
});
