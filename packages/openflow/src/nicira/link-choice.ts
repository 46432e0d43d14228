/** Actions that choose one of several links by a hash of the packet. @see ovs-actions(7), "multipath" and "bundle" */
import type { OfPort } from "@loomstack/core";
import {
  type Codec,
  complete,
  constant,
  listCounted,
  listOf,
  mapped,
  openEnumOf,
  struct,
  type StructInput,
  u16,
  u32,
  zeros,
  zerosToEnd,
} from "@loomstack/wire";
import { shortPortNo } from "../of13/ports.ts";
import { fieldBits } from "./field-actions.ts";
import type { Subfield } from "./subfield.ts";

/** What of a packet is hashed (nx_hash_fields), by the words of ovs-ofctl. */
export const hashFieldNumbers = {
  ...({ eth_src: 0, symmetric_l4: 1, symmetric_l3l4: 2, "symmetric_l3l4+udp": 3 } as const),
  ...({ nw_src: 4, nw_dst: 5, symmetric_l3: 6 } as const),
};
const hashFields = openEnumOf(u16, hashFieldNumbers);

/** How a link is made of a hash (nx_mp_algorithm). */
export const multipathAlgorithms = { modulo_n: 0, hash_threshold: 1, hrw: 2, iter_hash: 3 } as const;
/** Which of the ports that are up is taken (nx_bd_algorithm): the first, or one by hash. */
export const bundleAlgorithms = { active_backup: 0, hrw: 1 } as const;

/** NXAST_MULTIPATH: puts the number of a link into bits of a field. */
export const multipath = complete(
  struct({
    fields: hashFields,
    /** Makes the hashes of several switches independent of each other. */
    basis: u16,
    _pad0: zeros(2),
    algorithm: openEnumOf(u16, multipathAlgorithms),
    /** One less than there are links. */
    maxLink: u16,
    /** Of iter_hash only. */
    argument: u32,
    _pad1: zeros(2),
    to: fieldBits,
  }),
);

/** The most ports of a bundle (BUNDLE_MAX_MEMBERS). */
const mostMembers = 2048;

const bundleHead = {
  algorithm: openEnumOf(u16, bundleAlgorithms),
  fields: hashFields,
  basis: u16,
  /** NXM_OF_IN_PORT: the members are ports. */
  _memberType: constant(u32, 0x0000_0002),
};

/** NXAST_BUNDLE: sends the packet to one of several ports. */
export const bundle = {
  ...bundleHead,
  members: listCounted(countBefore(10), shortPortNo, mostMembers),
  _end: zerosToEnd(8),
};

interface Members {
  readonly to: Subfield;
  readonly members: readonly OfPort[];
}

/** How many ports there are, the field for the one that is taken, and the ports. */
const membersAndField: Codec<Members | undefined, Members> = {
  read(reader) {
    const count = reader.u16();
    if (count > mostMembers) throw reader.malformed(`${count} ports where at most ${mostMembers} are allowed`);
    const to = fieldBits.read(reader);
    zeros(4).read(reader);
    const members = listOf(shortPortNo, count).read(reader);
    return to && { to, members };
  },
  write(writer, { to, members }) {
    if (members.length > mostMembers) throw writer.outOfRange(`${members.length} ports`, `at most ${mostMembers}`);
    writer.u16(members.length);
    fieldBits.write(writer, to);
    writer.zeros(4);
    listOf(shortPortNo, members.length).write(writer, members);
  },
};

const bundleLoadBody = complete(struct({ ...bundleHead, chosen: membersAndField, _end: zerosToEnd(8) }));

/** Which of several ports, and the bits of a field that get its number. */
type BundleLoad = StructInput<typeof bundleHead> & Members;

/** NXAST_BUNDLE_LOAD: puts the number of one of several ports into bits of a field. */
export const bundleLoad: Codec<BundleLoad | undefined, BundleLoad> = {
  read(reader) {
    const value = bundleLoadBody.read(reader);
    if (value === undefined) return undefined;
    const { chosen, ...head } = value;
    return { ...head, ...chosen };
  },
  write: (writer, { to, members, ...head }) => bundleLoadBody.write(writer, { ...head, chosen: { to, members } }),
};

/** A count, and zeros between it and what is counted. */
export function countBefore(gap: number): Codec<number> {
  return mapped(struct({ count: u16, _: zeros(gap) }), {
    decode: ({ count }) => count,
    encode: (count: number) => ({ count }),
  });
}
