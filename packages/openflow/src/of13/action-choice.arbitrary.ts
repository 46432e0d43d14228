/** For tests: what actions of a flow may read and write. */
import fc, { type Arbitrary } from "fast-check";
import { ctStateBits } from "../nicira/connection-fields.ts";
import { type Subfield, subfieldBits } from "../nicira/subfield.ts";
import type { Match } from "./match.ts";
import { rowsFor } from "./match.arbitrary.ts";
import type { FieldRow } from "./oxm.ts";

const trackedBit = 2 ** ctStateBits.trk;

/** What a flow of a match lets actions do. */
export class ActionChoice {
  readonly #match: Match;
  readonly #readable: readonly FieldRow[];

  constructor(match: Match) {
    this.#match = match;
    // The switch has to know how many bytes the options of a tunnel have.
    this.#readable = rowsFor(match).filter(({ type }) => !type.variable);
  }

  /** Whether the packets have one of some values of a field. */
  has(name: "ethType" | "ipProto", ...values: readonly number[]): boolean {
    return values.some((value) => this.#match[name] === value);
  }

  get isTagged(): boolean {
    return this.#match.vlanVid !== undefined && this.#match.vlanVid !== 0;
  }

  get isTracked(): boolean {
    const { ctState } = this.#match;
    return typeof ctState === "object" && (ctState.value & ctState.mask & trackedBit) !== 0;
  }

  get isEthernet(): boolean {
    return this.#match.packetType === undefined;
  }

  get writable(): readonly FieldRow[] {
    // What the tracker remembers is changed inside of ct only.
    return this.#readable.filter(({ writable, name }) => writable && name !== "ctMark" && name !== "ctLabel");
  }

  /** Bits of a field, of those whose number has four bytes where an action has no room for others. */
  bits(options: { readonly of: "readable" | "writable"; readonly most?: number; readonly short?: boolean }) {
    const { of, most = 64, short = false } = options;
    const rows = (of === "readable" ? this.#readable : this.writable).filter(
      ({ subfield }) => !short || subfield.experimenter === undefined,
    );
    return fc.constantFrom(...rows).chain((row) => {
      const all = subfieldBits({ field: row.name });
      return fc
        .integer({ min: 1, max: Math.min(all, most) })
        .chain((bits) =>
          fc.integer({ min: 0, max: all - bits }).map((start): Subfield => ({ field: row.name, start, bits })),
        );
    });
  }

  /** Just so many bits of a field. */
  exactly(of: "readable" | "writable", bits: number, short = false): Arbitrary<Subfield> {
    const rows = (of === "readable" ? this.#readable : this.writable).filter(
      ({ name, subfield }) => subfieldBits({ field: name }) >= bits && !(short && subfield.experimenter !== undefined),
    );
    return fc
      .constantFrom(...rows)
      .chain(({ name: field }) =>
        fc.integer({ min: 0, max: subfieldBits({ field }) - bits }).map((start) => ({ field, start, bits })),
      );
  }
}
