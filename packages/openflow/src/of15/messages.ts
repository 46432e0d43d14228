/**
 * The messages of OpenFlow 1.5, and Nicira's, in the vocabulary of OpenFlow 1.3: what isn't here is decoded as
 * `{ kind: "unknown" }`, and refused when it is to be encoded.
 *
 * @see OpenFlow 1.5.1, 7.1.1 (ofp_type)
 */
import { either, inside, u32, variants, type VariantsInput } from "@loomstack/wire";
import { asyncConfig2Fields } from "../nicira/async-config2.ts";
import { nicira } from "../nicira/actions.ts";
import { niciraMessageRows } from "../nicira/messages.ts";
import { rowsSince13 } from "../of13/messages/shared-rows.ts";
import type { Envelope, Message } from "../of13/messages.ts";
import { bundleAddFields, bundleControlFields } from "../onf/bundle.ts";
import { requestForwardFields, roleStatusFields } from "../onf/controller-status.ts";
import { decodeFamily, encodeFamily, type Family } from "../version/family.ts";
import { groupMod15, newerGroupMod } from "./groups.ts";
import { asyncConfig15, propertiesOf } from "./messages/async.ts";
import { flowModFields15 } from "./messages/flow-mod.ts";
import { laterMessages } from "./messages/later.ts";
import { flowRemoved15 } from "./messages/flow-removed.ts";
import { packetOut15 } from "./messages/packet-out.ts";
import { portMod15, portStatusFields15 } from "./messages/ports.ts";
import { multipartReply15, multipartRequest15, replies15, requests15 } from "./multipart/multipart.ts";
import { tableModFields15 } from "./tables.ts";

const standardMessages = variants({
  ...rowsSince13,
  flowRemoved: [11, flowRemoved15],
  portStatus: [12, portStatusFields15],
  packetOut: [13, packetOut15],
  flowMod: [14, flowModFields15],
  bucketGroupMod: [15, groupMod15],
  portMod: [16, portMod15],
  tableMod: [17, tableModFields15],
  multipartRequest: [18, multipartRequest15],
  multipartReply: [19, multipartReply15],
  getAsyncReply: [27, asyncConfig15],
  setAsyncConfig2: [28, asyncConfig2Fields],
  roleStatus: [30, roleStatusFields],
  requestForward: [32, requestForwardFields],
  bundleControl: [33, bundleControlFields],
  bundleAdd: [34, bundleAddFields],
});

/** The messages of Nicira that OpenFlow 1.5 has none of its own for. */
const { bucketGroupMod: _, setAsyncConfig2: _1, flowModTableId: _2, flowAge: _3, ...others } = niciraMessageRows;

const messages = either(either(standardMessages, laterMessages), inside(4, u32, inside(nicira, u32, variants(others))));

/** What messages there are in OpenFlow 1.5, by their kinds. */
export const messageKinds15 = messages.kinds;

const family: Family<VariantsInput<typeof messages>> = {
  version: "1.5",
  messages,
  requests: requests15,
  replies: replies15,
};

/** The bytes of a message in OpenFlow 1.5. @throws OPENFLOW__UNSUPPORTED_BY_VERSION, WIRE__OUT_OF_RANGE, WIRE__WRONG_TYPE */
export function encodeMessage15(message: Message, xid: number): Uint8Array {
  return encodeFamily(family, message, xid, newer);
}

/** The message in all of `bytes`. @throws WIRE__TRUNCATED, WIRE__TRAILING_BYTES, WIRE__MALFORMED */
export function decodeMessage15(bytes: Uint8Array): Envelope {
  return decodeFamily(messages, bytes);
}

/** What OpenFlow 1.5 says with another message than the versions before it. */
function newer(message: Message): Message {
  switch (message.kind) {
    case "groupMod":
      return { ...newerGroupMod(message), kind: "bucketGroupMod" };
    case "setAsync":
      return { kind: "setAsyncConfig2", properties: propertiesOf(message) };
    default:
      return message;
  }
}
