/** Sending a packet to the controllers, with more to say than `output` can. @see ovs-actions(7), "controller" */
import {
  bytesToEnd,
  canonicalOnly,
  type Codec,
  type InputOf,
  listToEnd,
  struct,
  tlv,
  u16,
  u32,
  u8,
  variants,
  zeros,
} from "@loomstack/wire";

/** What a controller sees of the packet and of the reason; each member has a default. */
export interface Controller2 {
  /** Bytes of the packet; all of them without. */
  readonly maxLen?: number | undefined;
  /** The controllers with this id; 0 without. */
  readonly controllerId?: number | undefined;
  /** As in packet-ins; 1 (action) without. */
  readonly reason?: number | undefined;
  /** Comes back in the packet-in. */
  readonly userdata?: Uint8Array | undefined;
  /** Whether the packet's way through the tables waits for the controller (NXT_RESUME). */
  readonly pause?: true | undefined;
  /** The meter that limits these packet-ins. */
  readonly meterId?: number | undefined;
}

/** Open vSwitch takes 16-bit numbers in properties of any size, and writes them with two bytes of padding. */
const padding: Codec<undefined> = {
  read(reader) {
    reader.skip(reader.remaining);
    return undefined;
  },
  write: (writer) => writer.zeros(2),
};

/** @see nx_action_controller2_prop_type of Open vSwitch */
const property = tlv(
  { type: u16, length: u16, alignTo: 8, lengthCountsPadding: false },
  variants({
    maxLen: [0, { value: u16, _: padding }],
    controllerId: [1, { value: u16, _: padding }],
    reason: [2, { value: u8 }],
    userdata: [3, { value: bytesToEnd }],
    pause: [4, {}],
    meterId: [5, { value: u32 }],
  }),
);
const properties = struct({ _: zeros(6), list: listToEnd(property) });

const anyProperties: Codec<Controller2> = {
  read: (reader) =>
    Object.fromEntries(
      properties.read(reader).list.map((member) => [member.kind, "value" in member ? member.value : true]),
    ),
  write: (writer, action) => properties.write(writer, { list: [...propertiesOf(action)] }),
};

/** NXAST_CONTROLLER2 */
export const controller2: Codec<Controller2 | undefined, Controller2> = canonicalOnly(anyProperties);

/** The properties in the order in which Open vSwitch writes them. */
function* propertiesOf(action: Controller2): Generator<InputOf<typeof property>> {
  const { maxLen, controllerId, reason, userdata, pause, meterId } = action;
  if (maxLen !== undefined) yield { kind: "maxLen", value: maxLen };
  if (controllerId !== undefined) yield { kind: "controllerId", value: controllerId };
  if (reason !== undefined) yield { kind: "reason", value: reason };
  if (userdata !== undefined) yield { kind: "userdata", value: userdata };
  if (pause === true) yield { kind: "pause" };
  if (meterId !== undefined) yield { kind: "meterId", value: meterId };
}
