/** For tests: what random actions of any kind are made of. */
import fc, { type Arbitrary } from "fast-check";
import type { Action } from "./actions.ts";
import { ipv4 } from "./field-types.ts";
import { ofPort } from "./ports.ts";

export type Kind = Exclude<Action["kind"], "unknown">;
export type Of<K extends Kind> = Extract<Action, { readonly kind: K }>;
export type Made<K extends Kind> = Arbitrary<Of<K>> | undefined;

export const u8 = fc.nat(0xff);
export const u16 = fc.nat(0xffff);
export const u32 = fc.nat(0xffff_ffff);
export const u64 = fc.bigInt(0n, 2n ** 64n - 1n);
export const tableId = fc.nat(254);
export const port = fc.integer({ min: 1, max: 0xfeff }).map(ofPort);
export const address = fc.bigInt(1n, 2n ** 32n - 1n).map(ipv4.fromInteger);
export const bytes = (minLength: number, maxLength: number): Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength, maxLength });

/** An object with a kind, and the members that aren't undefined. */
export function make<K extends Kind>(
  kind: K,
  members: { readonly [M in Exclude<keyof Of<K>, "kind">]?: Arbitrary<Of<K>[M]> } = {},
): Arbitrary<Of<K>> {
  return fc.record(members as Record<string, Arbitrary<unknown>>).map((made) => {
    const present = Object.entries(made).filter(([, value]) => value !== undefined);
    return { kind, ...Object.fromEntries(present) } as unknown as Of<K>;
  });
}
