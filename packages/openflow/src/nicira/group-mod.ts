/**
 * Groups as OpenFlow 1.5 changes them: buckets have ids, and are inserted and removed one by one. Nicira's message for
 * OpenFlow 1.0 has the same body.
 *
 * @see OpenFlow 1.5.1, 7.3.4.3
 */
import {
  type Codec,
  type Fields,
  fixedText,
  type InputOf,
  inside,
  listToEnd,
  openEnumOf,
  pad,
  sized,
  struct,
  type StructInput,
  type StructValue,
  u16,
  u32,
  u64,
  u8,
  variants,
  withDefault,
} from "@loomstack/wire";
import { type ActionList, actions, type ReceivedActions } from "../of13/actions.ts";
import { matchFields } from "../of13/match.ts";
import { groupTypes } from "../of13/messages/group-mod.ts";
import { portNo } from "../of13/ports.ts";
import { property } from "../onf/properties.ts";

/** Bucket ids that stand for places. @see OpenFlow 1.5.1, 7.3.4.3 (ofp_group_bucket) */
export const BucketId = { max: 0xffff_ff00, first: 0xffff_fffd, last: 0xffff_fffe, all: 0xffff_ffff } as const;

/** Netronome's experimenter id. */
const netronome = 0x0000_154d;

/** @see OpenFlow 1.5.1, 7.3.4.3 (ofp_group_bucket_prop_type) */
const bucketProperty = property(
  variants({ weight: [0, { weight: u16, _: pad(2) }], watchPort: [1, { portNo }], watchGroup: [2, { groupId: u32 }] }),
);

/** @see ovs-ofctl(8), "Group Syntax", selection_method */
const groupProperty = property(
  inside(
    0xffff,
    u32,
    inside(
      netronome,
      u32,
      variants({
        /** How a `select` group chooses; `fields` has for each field that counts its mask in the place of the value. */
        selectionMethod: [
          1,
          { _: pad(4), method: fixedText(16), parameter: u64, fields: withDefault(matchFields, {}) },
        ],
      }),
    ),
  ),
);

/** Weight and what is watched, of a bucket. */
export const bucketProperties = listToEnd(bucketProperty);

type Actions = Codec<ReceivedActions, ActionList>;

/** ofp_bucket of OpenFlow 1.5: the actions have a length of their own, for properties follow them. */
function bucketWith(actions: Actions) {
  return sized(u16, lengthFirst({ bucketId: u32 }, { actions }, { properties: withDefault(bucketProperties, []) }), {
    countsItself: true,
  });
}

/** What is behind the group id: `between`, buckets, and properties of the group. */
function bucketsWith<const Between extends Fields>(actions: Actions, between: Between) {
  return lengthFirst(
    between,
    { buckets: withDefault(listToEnd(bucketWith(actions)), []) },
    { properties: withDefault(listToEnd(groupProperty), []) },
  );
}

/** The bucket before or behind which others are inserted, or that is removed. */
const commandBucketId = withDefault(u32, BucketId.all);

const beginning = struct({
  command: openEnumOf(u16, { add: 0, modify: 1, delete: 2, insertBucket: 3, removeBucket: 5, addOrModify: 0x8000 }),
  type: openEnumOf(u8, groupTypes),
  _: pad(1),
  groupId: u32,
});

/** @param actions the codec of the actions in the buckets: those of the message's version of OpenFlow */
export function bucketGroupModWith(actions: Actions) {
  return joined(beginning, bucketsWith(actions, { _: pad(2), commandBucketId }));
}

/** A group of OpenFlow 1.5 as it was made. @see OpenFlow 1.5.1, 7.3.5.10 (ofp_group_desc) */
export function groupDescriptionWith(actions: Actions) {
  const group = struct({ type: openEnumOf(u8, groupTypes), _: pad(1), groupId: u32 });
  return sized(u16, joined(group, bucketsWith(actions, { _: pad(6) })), { countsItself: true });
}

export const bucketGroupMod = bucketGroupModWith(actions);

export type BucketGroupMod = InputOf<typeof bucketGroupMod>;

/** The length of `sizedFields` in bytes, then `between`, then `sizedFields`, then `rest`; all in one object. */
function lengthFirst<const A extends Fields, const B extends Fields, const C extends Fields>(
  between: A,
  sizedFields: B,
  rest: C,
): Codec<StructValue<A> & StructValue<B> & StructValue<C>, StructInput<A> & StructInput<B> & StructInput<C>> {
  const [first, second, third] = [struct(between), struct(sizedFields), struct(rest)];
  return {
    read(reader) {
      const size = reader.u16();
      return { ...first.read(reader), ...reader.scoped(size, second.read), ...third.read(reader) };
    },
    write(writer, value) {
      const at = writer.size;
      writer.u16(0);
      first.write(writer, value);
      const start = writer.size;
      second.write(writer, value);
      writer.setU16(at, writer.size - start);
      third.write(writer, value);
    },
  };
}

function joined<A extends object, AInput, B extends object, BInput>(
  first: Codec<A, AInput>,
  second: Codec<B, BInput>,
): Codec<A & B, AInput & BInput> {
  return {
    read: (reader) => ({ ...first.read(reader), ...second.read(reader) }),
    write(writer, value) {
      first.write(writer, value);
      second.write(writer, value);
    },
  };
}
