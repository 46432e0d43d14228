/**
 * The one list of messages: what isn't here is decoded as `{ kind: "unknown" }` and kept byte for byte.
 *
 * @see OpenFlow 1.3.5, 7.1.1 (ofp_type)
 */
import {
  bytesToEnd,
  either,
  inside,
  Reader,
  readVariant,
  tagOfVariant,
  u32,
  type UnknownVariant,
  variants,
  type VariantsInput,
  type VariantsValue,
  writeVariant,
  written,
} from "@loomstack/wire";
import { niciraMessages } from "../nicira/messages.ts";
import { onfMessages } from "../onf/messages.ts";
import { type Header, headerSize, readHeader, version13, writeMessage } from "./header.ts";
import { asyncConfigFields } from "./messages/async.ts";
import { switchConfigFields } from "./messages/config.ts";
import { errorBody } from "./messages/error.ts";
import { featuresReplyFields } from "./messages/features.ts";
import { flowModFields } from "./messages/flow-mod.ts";
import { flowRemovedFields } from "./messages/flow-removed.ts";
import { groupModFields } from "./messages/group-mod.ts";
import { helloFields } from "./messages/hello.ts";
import { meterModFields } from "./messages/meter-mod.ts";
import { packetInFields } from "./messages/packet-in.ts";
import { packetOutFields } from "./messages/packet-out.ts";
import { portModFields } from "./messages/port-mod.ts";
import { portStatusFields } from "./messages/port-status.ts";
import { queueConfigReplyFields, queueConfigRequestFields } from "./messages/queue-config.ts";
import { roleFields } from "./messages/role.ts";
import { tableModFields } from "./messages/table-mod.ts";
import { multipartReply, multipartRequest } from "./multipart/multipart.ts";
import type { PortDescription } from "./port-description.ts";

const standardMessages = variants({
  hello: [0, helloFields],
  error: [1, errorBody],
  echoRequest: [2, { data: bytesToEnd }],
  echoReply: [3, { data: bytesToEnd }],
  featuresRequest: [5, {}],
  featuresReply: [6, featuresReplyFields],
  getConfigRequest: [7, {}],
  getConfigReply: [8, switchConfigFields],
  setConfig: [9, switchConfigFields],
  packetIn: [10, packetInFields],
  flowRemoved: [11, flowRemovedFields],
  portStatus: [12, portStatusFields],
  packetOut: [13, packetOutFields],
  flowMod: [14, flowModFields],
  groupMod: [15, groupModFields],
  portMod: [16, portModFields],
  tableMod: [17, tableModFields],
  multipartRequest: [18, multipartRequest],
  multipartReply: [19, multipartReply],
  barrierRequest: [20, {}],
  barrierReply: [21, {}],
  queueGetConfigRequest: [22, queueConfigRequestFields],
  queueGetConfigReply: [23, queueConfigReplyFields],
  roleRequest: [24, roleFields],
  roleReply: [25, roleFields],
  getAsyncRequest: [26, {}],
  getAsyncReply: [27, asyncConfigFields],
  setAsync: [28, asyncConfigFields],
  meterMod: [29, meterModFields],
});

/** What a switch of OpenFlow 1.0 says of itself: its ports are part of it. */
export interface FeaturesWithPorts extends Extract<
  VariantsValue<typeof standardMessages>,
  { readonly kind: "featuresReply" }
> {
  readonly ports: readonly PortDescription[];
}

const messages = either(standardMessages, inside(4, u32, either(onfMessages, niciraMessages)));

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

/** The bytes of a message. @throws WIRE__OUT_OF_RANGE, OPENFLOW__INVALID_MASK */
export function encodeMessage(message: Message, xid: number): Uint8Array {
  const type = tagOfVariant(messages, message);
  return written("message", (writer) =>
    writeMessage(writer, { version: version13, type, xid }, () => writeVariant(messages, writer, message)),
  );
}

/**
 * The message in all of `bytes`. The version isn't looked at: a hello may come with any.
 *
 * @throws WIRE__TRUNCATED, WIRE__TRAILING_BYTES, WIRE__MALFORMED
 */
export function decodeMessage(bytes: Uint8Array): Envelope {
  const reader = new Reader(bytes, "message");
  const header = readHeader(reader);
  const message = reader.scoped(header.length - headerSize, () => readVariant(messages, reader, header.type));
  reader.expectEnd();
  return { ...header, message };
}
