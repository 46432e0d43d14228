import type { FieldType } from "./field-types.ts";

/** Classes of match fields. @see OpenFlow 1.3.5, 7.2.3.3 (ofp_oxm_class) */
export const OxmClass = {
  /** Fields of OpenFlow 1.0 as Nicira numbered them. */
  nxm0: 0x0000,
  /** Fields that Nicira added. */
  nxm1: 0x0001,
  /** Fields of OpenFlow itself. */
  basic: 0x8000,
  experimenter: 0xffff,
} as const;

/** What else a match must say before a field means anything: one of the values for each named field. */
export interface Prerequisites {
  readonly ethType?: readonly number[];
  readonly ipProto?: readonly number[];
  readonly icmpv6Type?: readonly number[];
  /** The packet has a VLAN tag. */
  readonly vlanTag?: true;
}

/** The second number that a field has, which Nicira's actions (move, load) use where there is one. */
export interface NxmNumber {
  readonly oxmClass: number;
  readonly number: number;
}

/** One match field: one row of a table from which wire format, types, text and prerequisite checks come. */
export interface Field<T> {
  readonly oxmClass: number;
  readonly number: number;
  readonly type: FieldType<T>;
  readonly maskable: boolean;
  readonly requires: Prerequisites;
  /** How ovs-ofctl calls it in a match. */
  readonly matchName: string;
  /** How ovs-ofctl calls it in set_field. */
  readonly setName: string;
  /** How ovs-ofctl calls it in move and load, and its number there. */
  readonly subfield: NxmNumber & { readonly name: string };
}

/** How ovs-ofctl calls a field in a match, and in set_field where that is another name. */
type Text = string | readonly [match: string, set: string];

interface Options {
  readonly maskable?: boolean;
  readonly requires?: Prerequisites;
  /** The NXM number, where it has one besides the OXM one. */
  readonly nxm?: Subfield;
}

type Subfield = Field<unknown>["subfield"];

/** Declares a field of OpenFlow itself. @see OpenFlow 1.3.5, 7.2.3.7 (oxm_ofb_match_fields) */
export function oxm<T>(name: string, number: number, type: FieldType<T>, text: Text, options: Options = {}): Field<T> {
  const { basic } = OxmClass;
  const subfield = options.nxm ?? { name: `OXM_OF_${name}`, oxmClass: basic, number };
  return row(type, text, { ...options, oxmClass: basic, number, subfield });
}

/** Declares a field of Nicira's. @see ovs-fields(7) */
export function nxm<T>(name: string, number: number, type: FieldType<T>, text: Text, options: Options = {}): Field<T> {
  return row(type, text, { ...options, oxmClass: OxmClass.nxm1, number, subfield: nx(name, number) });
}

/** The number of a field that Nicira took from OpenFlow 1.0. */
export function of(name: string, number: number): Subfield {
  return { name: `NXM_OF_${name}`, oxmClass: OxmClass.nxm0, number };
}

/** The number of a field that Nicira added. */
export function nx(name: string, number: number): Subfield {
  return { name: `NXM_NX_${name}`, oxmClass: OxmClass.nxm1, number };
}

interface Numbers extends Options {
  readonly oxmClass: number;
  readonly number: number;
  readonly subfield: Subfield;
}

function row<T>(type: FieldType<T>, text: Text, { oxmClass, number, subfield, maskable, requires }: Numbers): Field<T> {
  const [matchName, setName] = typeof text === "string" ? [text, text] : text;
  return {
    oxmClass,
    number,
    type,
    maskable: maskable ?? false,
    requires: requires ?? {},
    matchName,
    setName,
    subfield,
  };
}
