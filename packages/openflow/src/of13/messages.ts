/**
 * The one list of messages: what isn't here is decoded as `{ kind: "unknown" }` and kept byte for byte.
 *
 * @see OpenFlow 1.3.5, 7.1.1 (ofp_type)
 */
import {
  either,
  formOfVariant,
  inside,
  type Reader,
  reading,
  readVariant,
  u32,
  type UnknownVariant,
  variants,
  type VariantsInput,
  type VariantsValue,
  written,
} from "@loomstack/wire";
import { niciraMessages } from "../nicira/messages.ts";
import { laterMessages } from "../of15/messages/later.ts";
import { onfMessages } from "../onf/messages.ts";
import { laterThan } from "../version/later.ts";
import { type Header, readMessage, version13, writeMessage } from "./header.ts";
import { asyncConfigFields } from "./messages/async.ts";
import { flowModFields } from "./messages/flow-mod.ts";
import { flowRemovedFields } from "./messages/flow-removed.ts";
import { groupModFields } from "./messages/group-mod.ts";
import { packetOutFields } from "./messages/packet-out.ts";
import { portModFields } from "./messages/port-mod.ts";
import { portStatusFields } from "./messages/port-status.ts";
import { queueConfigReplyFields, queueConfigRequestFields } from "./messages/queue-config.ts";
import { rowsSince13 } from "./messages/shared-rows.ts";
import { tableModFields } from "./messages/table-mod.ts";
import { multipartReply, multipartRequest } from "./multipart/multipart.ts";
import type { PortDescription } from "./port-description.ts";

const standardMessages = variants({
  ...rowsSince13,
  flowRemoved: [11, flowRemovedFields],
  portStatus: [12, portStatusFields],
  packetOut: [13, packetOutFields],
  flowMod: [14, flowModFields],
  groupMod: [15, groupModFields],
  portMod: [16, portModFields],
  tableMod: [17, tableModFields],
  multipartRequest: [18, multipartRequest],
  multipartReply: [19, multipartReply],
  queueGetConfigRequest: [22, queueConfigRequestFields],
  queueGetConfigReply: [23, queueConfigReplyFields],
  getAsyncReply: [27, asyncConfigFields],
  setAsync: [28, asyncConfigFields],
});

/** What a switch of OpenFlow 1.0 says of itself: its ports are part of it. */
export interface FeaturesWithPorts extends Extract<
  VariantsValue<typeof standardMessages>,
  { readonly kind: "featuresReply" }
> {
  readonly ports: readonly PortDescription[];
}

const extensions = inside(4, u32, either(onfMessages, niciraMessages));
const messages13 = either(standardMessages, extensions);
const messages = either(messages13, laterThan("1.3", laterMessages));

/** What messages there are in OpenFlow 1.3, by their kinds. */
export const messageKinds13 = messages13.kinds;

/** A message to send; what has a default may be left out. */
export type Message = VariantsInput<typeof messages> | UnknownVariant;
/** A message as it was received. */
export type ReceivedMessage = VariantsValue<typeof messages> | UnknownVariant | FeaturesWithPorts;
/** One kind of received message. */
export type Received<Kind extends ReceivedMessage["kind"]> = Extract<ReceivedMessage, { readonly kind: Kind }>;

/** A received message with its header. */
export interface Envelope extends Header {
  readonly message: ReceivedMessage;
}

/** The bytes of a message. @throws WIRE__OUT_OF_RANGE, WIRE__WRONG_TYPE, OPENFLOW__INVALID_MASK */
export function encodeMessage(message: Message, xid: number): Uint8Array {
  return written("message", (writer) => {
    writeMessage(writer, { version: version13, xid }, formOfVariant(messages, message), message);
  });
}

/**
 * The message in all of `bytes`. The version isn't looked at: a hello may come with any.
 *
 * @throws WIRE__TRUNCATED, WIRE__TRAILING_BYTES, WIRE__MALFORMED
 */
export function decodeMessage(bytes: Uint8Array): Envelope {
  return reading(bytes, "message", readEnvelope);
}

function readEnvelope(reader: Reader): Envelope {
  return readMessage(reader, readBody);
}

function readBody(reader: Reader, type: number): ReceivedMessage {
  return readVariant(messages, reader, type);
}
