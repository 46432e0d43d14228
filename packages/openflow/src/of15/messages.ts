/**
 * The messages of OpenFlow 1.5, and Nicira's, in the vocabulary of OpenFlow 1.3: what isn't here is decoded as
 * `{ kind: "unknown" }`, and refused when it is to be encoded.
 *
 * @see OpenFlow 1.5.1, 7.1.1 (ofp_type)
 */
import { bytesToEnd, either, inside, u32, variants, type VariantsInput } from "@loomstack/wire";
import { asyncConfig2Fields } from "../nicira/async-config2.ts";
import { nicira } from "../nicira/actions.ts";
import { niciraMessageRows } from "../nicira/messages.ts";
import { switchConfigFields } from "../of13/messages/config.ts";
import { errorBody } from "../of13/messages/error.ts";
import { featuresReplyFields } from "../of13/messages/features.ts";
import { helloFields } from "../of13/messages/hello.ts";
import { meterModFields } from "../of13/messages/meter-mod.ts";
import { packetInFields } from "../of13/messages/packet-in.ts";
import { roleFields } from "../of13/messages/role.ts";
import { tableModFields } from "../of13/messages/table-mod.ts";
import type { Envelope, Message } from "../of13/messages.ts";
import { bundleAddFields, bundleControlFields } from "../onf/bundle.ts";
import { requestForwardFields, roleStatusFields } from "../onf/controller-status.ts";
import { decodeFamily, encodeFamily, type Family } from "../version/family.ts";
import { groupMod15, newerGroupMod } from "./groups.ts";
import { asyncConfig15, propertiesOf } from "./messages/async.ts";
import { flowModFields15 } from "./messages/flow-mod.ts";
import { flowRemoved15 } from "./messages/flow-removed.ts";
import { packetOut15 } from "./messages/packet-out.ts";
import { portMod15, portStatusFields15 } from "./messages/ports.ts";
import { multipartReply15, multipartRequest15, replies15, requests15 } from "./multipart/multipart.ts";

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
  flowRemoved: [11, flowRemoved15],
  portStatus: [12, portStatusFields15],
  packetOut: [13, packetOut15],
  flowMod: [14, flowModFields15],
  bucketGroupMod: [15, groupMod15],
  portMod: [16, portMod15],
  tableMod: [17, tableModFields],
  multipartRequest: [18, multipartRequest15],
  multipartReply: [19, multipartReply15],
  barrierRequest: [20, {}],
  barrierReply: [21, {}],
  roleRequest: [24, roleFields],
  roleReply: [25, roleFields],
  getAsyncRequest: [26, {}],
  getAsyncReply: [27, asyncConfig15],
  setAsyncConfig2: [28, asyncConfig2Fields],
  meterMod: [29, meterModFields],
  roleStatus: [30, roleStatusFields],
  requestForward: [32, requestForwardFields],
  bundleControl: [33, bundleControlFields],
  bundleAdd: [34, bundleAddFields],
});

/** The messages of Nicira that OpenFlow 1.5 has none of its own for. */
const { bucketGroupMod: _, setAsyncConfig2: _1, flowModTableId: _2, flowAge: _3, ...others } = niciraMessageRows;

const messages = either(standardMessages, inside(4, u32, inside(nicira, u32, variants(others))));

const family: Family<VariantsInput<typeof messages>> = {
  version: "1.5",
  messages,
  requests: requests15,
  replies: replies15,
};

/** The bytes of a message in OpenFlow 1.5. @throws OPENFLOW__UNSUPPORTED_BY_VERSION, WIRE__OUT_OF_RANGE */
export function encodeMessage15(message: Message, xid: number): Uint8Array {
  return encodeFamily(family, newer(message), xid);
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
