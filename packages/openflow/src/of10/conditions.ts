import { type Ipv4, ipv4FromNumber, ipv4ToNumber } from "@loomstack/core";
import { type Match, matchEntries, type MatchEntry } from "../of13/match.ts";
import type { FieldName } from "../of13/oxm.ts";
import { unsayable } from "../version/version.ts";

/** The conditions of a match, to be taken one by one; what is left is what OpenFlow 1.0 has no room for. */
export class Conditions {
  readonly #left: Map<FieldName, MatchEntry>;

  /** @throws OPENFLOW__UNSUPPORTED_BY_VERSION for a field outside the table */
  constructor(match: Match) {
    if (match.unknown !== undefined && match.unknown.length > 0) throw unsayable("1.0", "a match of an unknown field");
    this.#left = new Map(matchEntries(match).map((entry) => [entry.row.name, entry]));
  }

  /** The value of a field without a mask; undefined where the match doesn't ask for it. */
  takeExact(field: FieldName): unknown {
    const entry = this.#left.get(field);
    if (entry === undefined) return undefined;
    if (entry.mask !== undefined)
      throw unsayable("1.0", `a match of ${field} with the mask ${text(entry, entry.mask)}`);
    this.#left.delete(field);
    return entry.value;
  }

  /** An address, and how many of its lowest bits don't count. */
  takePrefix(field: FieldName): { readonly value: Ipv4; readonly ignored: number } {
    const entry = this.#left.get(field);
    if (entry === undefined) return { value: ipv4FromNumber(0), ignored: 32 };
    this.#left.delete(field);
    const mask = entry.mask === undefined ? 0xffff_ffff : ipv4ToNumber(entry.mask as Ipv4);
    const ignored = Math.log2(2 ** 32 - mask);
    if (!Number.isInteger(ignored))
      throw unsayable("1.0", `a match of ${field} with the mask ${text(entry, entry.mask)}, which is no prefix`);
    return { value: entry.value as Ipv4, ignored };
  }

  /** "any" where the match asks for a VLAN tag, whichever. */
  takeAnyTag(): "any" | undefined {
    const entry = this.#left.get("vlanVid");
    if (entry?.mask !== 0x1000 || entry.value !== 0x1000) return undefined;
    this.#left.delete("vlanVid");
    return "any";
  }

  /** @throws OPENFLOW__UNSUPPORTED_BY_VERSION where something is left */
  refuseRest(): void {
    const [field] = this.#left.keys();
    if (field !== undefined) throw unsayable("1.0", `a match of ${field}, alone or together with the match's others`);
  }
}

function text({ row }: MatchEntry, value: unknown): string {
  return row.type.format(value);
}
