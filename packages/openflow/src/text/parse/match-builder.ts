/** A match that is put together from conditions, some of which are parts of others. */
import { sizeOf } from "../../of13/field-types.ts";
import type { Match } from "../../of13/match.ts";
import { type FieldName, type FieldRow, fieldRow } from "../../of13/oxm.ts";
import type { MaskedBits } from "./field-values.ts";

interface Bits {
  bits: bigint;
  mask: bigint;
  size?: number | undefined;
}

export class MatchBuilder {
  readonly #fields = new Map<FieldName, Bits>();

  /** Asks for a field, in place of what was asked of it before. */
  set(row: FieldRow, { bits, mask, size }: MaskedBits): void {
    const width = row.type.variable ? 8 * (size ?? row.type.size) : row.type.bits;
    this.#put(row, bits, mask ?? (1n << BigInt(width)) - 1n, size, 0n);
  }

  /** Asks for some bits of a field, too. */
  add(row: FieldRow, start: number, count: number, bits: bigint): void {
    const mask = ((1n << BigInt(count)) - 1n) << BigInt(start);
    this.#put(row, bits << BigInt(start), mask, undefined, ~mask);
  }

  /** What is asked of a field; undefined for nothing. */
  exact(name: FieldName): number | undefined {
    const found = this.#fields.get(name);
    const whole = (1n << BigInt(fieldRow(name).type.bits)) - 1n;
    return found !== undefined && found.mask === whole ? Number(found.bits) : undefined;
  }

  maskOf(name: FieldName): bigint {
    return this.#fields.get(name)?.mask ?? 0n;
  }

  bitsOf(name: FieldName): bigint {
    return this.#fields.get(name)?.bits ?? 0n;
  }

  delete(name: FieldName): void {
    this.#fields.delete(name);
  }

  /** Fields that don't take the mask that is asked of them. */
  *unmaskable(): Generator<FieldRow> {
    for (const [name, { mask }] of this.#fields) {
      const row = fieldRow(name);
      if (!row.maskable && mask !== (1n << BigInt(row.type.bits)) - 1n) yield row;
    }
  }

  build(): Match {
    const conditions = [...this.#fields].map(([name, found]) => [name, conditionOf(fieldRow(name), found)] as const);
    return Object.fromEntries(conditions.toSorted(([a], [b]) => fieldRow(a).order - fieldRow(b).order));
  }

  /** @param kept the bits of what was asked before that still count */
  #put(row: FieldRow, bits: bigint, mask: bigint, size: number | undefined, kept: bigint): void {
    for (const part of row.parts) {
      const [shift, ones] = [BigInt(part.start), (1n << BigInt(part.bits)) - 1n];
      const own = (integer: bigint): bigint => (integer >> shift) & ones;
      this.#put(fieldRow(part.field as FieldName), own(bits), own(mask), undefined, kept === 0n ? 0n : own(kept));
    }
    if (row.parts.length > 0) return;
    const before = this.#fields.get(row.name) ?? { bits: 0n, mask: 0n };
    const found = { bits: (before.bits & kept) | (bits & mask), mask: (before.mask & kept) | mask, size };
    if (found.mask === 0n && !row.type.variable) this.#fields.delete(row.name);
    else this.#fields.set(row.name, found);
  }
}

function conditionOf({ type }: FieldRow, { bits, mask, size }: Bits): unknown {
  const value = type.fromInteger(bits, size);
  const whole = (1n << BigInt(type.variable ? 8 * sizeOf(type, value) : type.bits)) - 1n;
  return mask === whole ? value : { value, mask: type.fromInteger(mask, size) };
}
