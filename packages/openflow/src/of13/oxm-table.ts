import type { FieldType } from "./field-types.ts";

/** Classes of match fields. @see OpenFlow 1.3.5, 7.2.3.3 (ofp_oxm_class) */
export const OxmClass = {
  /** Fields of OpenFlow 1.0 as Nicira numbered them. */
  nxm0: 0x0000,
  /** Fields that Nicira added. */
  nxm1: 0x0001,
  /** Fields that Ericsson added. */
  ericsson: 0x1000,
  /** Fields of OpenFlow itself. */
  basic: 0x8000,
  /** The registers of OpenFlow 1.5. */
  packetRegisters: 0x8001,
  /** An experimenter's number follows. */
  experimenter: 0xffff,
} as const;

/** Whose numbers are in the class of the experimenters. */
export const OxmExperimenter = { nicira: 0x0000_2320, nsh: 0x005a_d650, onf: 0x4f4e_4600 } as const;

/** What else a match must say before a field means anything: one of the values for each named field. */
export interface Prerequisites {
  readonly ethType?: readonly number[];
  readonly ipProto?: readonly number[];
  readonly icmpv6Type?: readonly number[];
  /** The packet has a VLAN tag. */
  readonly vlanTag?: true;
  /** The connection tracker knows the packet's connection: ctState asks for one of new, est, rel, rpl. */
  readonly connection?: true;
}

/** What is in front of a field's value on the wire. */
export interface WireNumber {
  /** As ovs-ofctl calls it in move and load. */
  readonly wireName: string;
  readonly oxmClass: number;
  /** Of the class OxmClass.experimenter only. */
  readonly experimenter?: number;
  readonly number: number;
}

/** Bits of another field that some of a field's own bits are. */
export interface Part {
  /** The other field. */
  readonly field: string;
  /** The lowest of the field's own bits. */
  readonly start: number;
  readonly bits: number;
}

/** One match field: one row of a table from which wire format, types, text and prerequisite checks come. */
export interface Field<T> extends WireNumber {
  readonly type: FieldType<T>;
  readonly maskable: boolean;
  /** Whether actions may change it. */
  readonly writable: boolean;
  readonly requires: Prerequisites;
  /** How ovs-ofctl prints it in a match. */
  readonly matchName: string;
  /** How ovs-ofctl prints it in set_field. */
  readonly setName: string;
  /** Other names that ovs-ofctl reads. */
  readonly aliases: readonly string[];
  /** Its number in move, load and the other actions that name a field. */
  readonly subfield: WireNumber;
  /** Further numbers of the same field in the same form. */
  readonly others: readonly WireNumber[];
  /** What a switch makes of it, where the field is only another view of those. */
  readonly parts: readonly Part[];
}

/** How ovs-ofctl prints a field in a match, and in set_field where that is another name. */
type Text = string | readonly [match: string, set: string];

interface Options {
  readonly maskable?: boolean;
  readonly readOnly?: boolean;
  readonly requires?: Prerequisites;
  readonly aliases?: readonly string[];
  /** The number that move and load have for it, where that isn't the one of the match. */
  readonly nxm?: WireNumber;
  readonly others?: readonly WireNumber[];
  readonly parts?: readonly Part[];
}

/** Declares a field by its number in a match. */
export function field<T>(number: WireNumber, type: FieldType<T>, text: Text, options: Options = {}): Field<T> {
  const [matchName, setName] = typeof text === "string" ? [text, text] : text;
  return {
    ...number,
    type,
    maskable: options.maskable ?? false,
    writable: options.readOnly !== true,
    requires: options.requires ?? {},
    matchName,
    setName,
    aliases: options.aliases ?? [],
    subfield: options.nxm ?? number,
    others: options.others ?? [],
    parts: options.parts ?? [],
  };
}

/** Declares a field of OpenFlow itself. @see OpenFlow 1.3.5, 7.2.3.7 (oxm_ofb_match_fields) */
export function oxm<T>(name: string, number: number, type: FieldType<T>, text: Text, options?: Options): Field<T> {
  return field(ofb(name, number), type, text, options);
}

/** Declares a field of Nicira's. @see ovs-fields(7) */
export function nxm<T>(name: string, number: number, type: FieldType<T>, text: Text, options?: Options): Field<T> {
  return field(nx(name, number), type, text, options);
}

/** The number of a field of OpenFlow itself. */
export function ofb(name: string, number: number): WireNumber {
  return { wireName: `OXM_OF_${name}`, oxmClass: OxmClass.basic, number };
}

/** The number of a field that Nicira took from OpenFlow 1.0. */
export function of(name: string, number: number): WireNumber {
  return { wireName: `NXM_OF_${name}`, oxmClass: OxmClass.nxm0, number };
}

/** The number of a field that Nicira added. */
export function nx(name: string, number: number): WireNumber {
  return { wireName: `NXM_NX_${name}`, oxmClass: OxmClass.nxm1, number };
}

/** The number of a field that Nicira added as an experimenter, when its own class was full. */
export function et(name: string, number: number): WireNumber {
  return experimental("NXOXM_ET", OxmExperimenter.nicira, name, number);
}

/** The number of a field of the network service header. */
export function nsh(name: string, number: number): WireNumber {
  return experimental("NXOXM_NSH", OxmExperimenter.nsh, name, number);
}

/** The number that the ONF has given a field of OpenFlow 1.5 in OpenFlow 1.3. */
export function onfEt(name: string, number: number): WireNumber {
  return experimental("ONFOXM_ET", OxmExperimenter.onf, name, number);
}

function experimental(prefix: string, experimenter: number, name: string, number: number): WireNumber {
  return { wireName: `${prefix}_${name}`, oxmClass: OxmClass.experimenter, experimenter, number };
}
