/** Matches as ovs-ofctl reads them. @see ovs-fields(7) */
import type { Match } from "../../of13/match.ts";
import { type FieldName, type FieldRow, fieldRow } from "../../of13/oxm.ts";
import type { UnknownField } from "../../of13/oxm-tlv.ts";
import { protocolAliases, protocols } from "../protocols.ts";
import { fieldsInMatch } from "./field-names.ts";
import { type MaskedBits, maskedBits } from "./field-values.ts";
import { type KeyValue, keyValues } from "./key-values.ts";
import { MatchBuilder } from "./match-builder.ts";
import { numberOfBits } from "./numbers.ts";
import { parseSubfield } from "./parse-subfield.ts";
import { missingPrerequisite } from "./prerequisites.ts";
import type { ReadNames } from "./read-names.ts";
import { refused, type TextSlice, textOf, wholeText } from "./text-slice.ts";
import { unknownFieldIn } from "./unknown-parts.ts";
import { readVlan } from "./vlan-conditions.ts";

/**
 * @example parseMatch("tcp,nw_src=10.0.0.0/8,tp_dst=80")
 * @throws OPENFLOW__INVALID_TEXT for what ovs-ofctl doesn't read, and for a condition without what it requires, which
 *   ovs-ofctl would leave out
 */
export function parseMatch(text: string, names: ReadNames = {}): Match {
  const reader = new MatchReader(names);
  for (const condition of keyValues(wholeText(text))) {
    if (!reader.take(condition))
      throw refused(condition.keySlice, "is no field", "a name of ovs-fields(7), or a protocol such as tcp");
  }
  return reader.finish();
}

interface Condition {
  readonly rows: readonly FieldRow[];
  readonly slice: TextSlice;
  readonly value: TextSlice;
}

/** Takes the conditions of a match one by one, in any order. */
export class MatchReader {
  readonly #builder = new MatchBuilder();
  readonly #names: ReadNames;
  /** Those that can't be read before it is known which protocol the packets are of. */
  readonly #later: Condition[] = [];
  readonly #taken: Condition[] = [];
  readonly #unknown: UnknownField[] = [];
  /** Options of tunnels, with how many bytes they have. */
  readonly #options = new Map<FieldName, number>();

  constructor(names: ReadNames) {
    this.#names = names;
  }

  /** @returns whether it is a condition at all */
  take(condition: KeyValue): boolean {
    const { key, keySlice, value } = condition;
    if (value.start === value.end && this.#takeProtocol(key)) return true;
    if (readVlan(this.#builder, key, value)) return true;
    if (key === "unknown_field") {
      this.#unknown.push(unknownFieldIn(value));
      return true;
    }
    const rows = fieldsInMatch(key);
    if (rows.length > 0) {
      const taken = { rows, slice: keySlice, value };
      if (rows.length > 1) this.#later.push(taken);
      else this.#set(rows[0], taken);
      return true;
    }
    if (!key.includes("[")) return false;
    const { field, start, bits } = parseSubfield(keySlice);
    this.#builder.add(fieldRow(field), start, bits, numberOfBits(value, bits, `value of ${key}`));
    this.#taken.push({ rows: [fieldRow(field)], slice: keySlice, value });
    return true;
  }

  /** @throws OPENFLOW__INVALID_TEXT for a condition whose prerequisites or whose mask the match can't have */
  finish(): Match {
    for (const condition of this.#later.toSorted((a, b) => firstOrder(a) - firstOrder(b))) {
      const row = condition.rows.find((candidate) => missingPrerequisite(candidate, this.#builder) === undefined);
      this.#set(row ?? condition.rows[0], condition);
    }
    for (const { rows, slice } of this.#taken) {
      const [row] = rows;
      const missing = row && missingPrerequisite(row, this.#builder);
      if (missing !== undefined) throw refused(slice, "has no meaning in this match", `it with ${missing}`);
    }
    this.#checkTag();
    const [unmaskable] = this.#builder.unmaskable();
    if (unmaskable !== undefined) {
      const { slice } = this.#taken.find(({ rows }) => rows.includes(unmaskable)) ?? { slice: undefined };
      throw refused(slice ?? { source: unmaskable.matchName, start: 0, end: 0 }, "can't be masked", "the whole field");
    }
    // Packets without a tag have no priority.
    if (this.#builder.exact("vlanVid") === 0) this.#builder.delete("vlanPcp");
    // That packets start with an Ethernet header is what a switch takes for granted.
    if (this.#builder.exact("packetType") === 0) this.#builder.delete("packetType");
    const match = this.#builder.build();
    return this.#unknown.length === 0 ? match : { ...match, unknown: this.#unknown };
  }

  /** A priority is part of a tag, which the match must ask for, too. */
  #checkTag(): void {
    const hasPriority = this.#builder.maskOf("vlanPcp") !== 0n;
    const isUntagged = this.#builder.exact("vlanVid") === 0;
    if (!hasPriority || isUntagged || (this.#builder.bitsOf("vlanVid") & tagPresent) !== 0n) return;
    const { value } = this.#taken.find(({ rows }) => rows[0]?.name === "vlanTci") ?? this.#taken[0] ?? {};
    const slice = value ?? { source: "vlan_tci", start: 0, end: 0 };
    throw refused(slice, "asks for a priority and no tag", "the bit 0x1000 in the value and in the mask, too");
  }

  /** Options of tunnels share a room of 256 bytes. */
  #checkOption(row: FieldRow, { slice }: Condition, read: MaskedBits): void {
    if (!row.type.variable) return;
    if (this.#options.has(row.name)) throw refused(slice, "is there for the second time", "each option once");
    this.#options.set(row.name, read.size ?? row.type.size);
    const sum = [...this.#options.values()].reduce((total, size) => total + 4 * Math.ceil(size / 4), 0);
    if (sum > mostOptionBytes)
      throw refused(slice, `makes options of ${sum} bytes`, `at most ${mostOptionBytes} in all`);
  }

  #takeProtocol(word: string): boolean {
    const name = Object.hasOwn(protocolAliases, word) ? protocolAliases[word] : word;
    if (name === "eth") {
      this.#builder.set(fieldRow("packetType"), { bits: 0n, mask: undefined });
      return true;
    }
    const protocol = protocols.find((candidate) => candidate.name === name);
    if (protocol === undefined) return false;
    this.#builder.set(fieldRow("ethType"), { bits: BigInt(protocol.ethType), mask: undefined });
    if (protocol.ipProto !== undefined)
      this.#builder.set(fieldRow("ipProto"), { bits: BigInt(protocol.ipProto), mask: undefined });
    return true;
  }

  #set(row: FieldRow | undefined, condition: Condition): void {
    if (row === undefined) return;
    this.#taken.push({ ...condition, rows: [row] });
    const { value } = condition;
    // A name alone asks that the field is there; only of an option of a tunnel is that more than its prerequisites.
    const read = textOf(value) === "" ? presence(row, condition) : maskedBits(row, value, this.#names);
    if (read.mask !== undefined && read.mask !== 0n && !row.maskable && row.parts.length === 0)
      throw refused(value, `masks ${row.matchName}, which can't be masked`, "a value without a mask");
    this.#checkOption(row, condition, read);
    this.#builder.set(row, read);
  }
}

const tagPresent = 0x1000n;
const mostOptionBytes = 256;

const withoutPresence: ReadonlySet<string> = new Set(["mac", "ipv4", "ipv6", "port", "fragment", "packetType"]);

function presence(row: FieldRow, { slice }: Condition): MaskedBits {
  if (withoutPresence.has(row.type.form)) throw refused(slice, "has no value", `${row.matchName}=<value>`);
  return { bits: 0n, mask: 0n, ...(row.type.variable ? { size: 1 } : {}) };
}

/** nw_proto is before what depends on it. */
function firstOrder({ rows }: Condition): number {
  const names: readonly (FieldName | undefined)[] = rows.map(({ name }) => name);
  return names.includes("ipProto") ? -1 : (rows[0]?.order ?? 0);
}
