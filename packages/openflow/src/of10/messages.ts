/**
 * The messages of OpenFlow 1.0, and Nicira's, in the vocabulary of OpenFlow 1.3: what isn't here is decoded as
 * `{ kind: "unknown" }`, and refused when it is to be encoded.
 *
 * @see OpenFlow 1.0.0, 5.1 (ofp_type)
 */
import { either, inside, u32, variants, type VariantsInput } from "@loomstack/wire";
import { nicira } from "../nicira/actions.ts";
import { niciraMessageRows } from "../nicira/messages.ts";
import type { Envelope, Message } from "../of13/messages.ts";
import { rowsOfAllVersions } from "../of13/messages/shared-rows.ts";
import { decodeFamily, encodeFamily, type Family } from "../version/family.ts";
import { featuresReply10 } from "./messages/features.ts";
import { flowMod10, tableToSay } from "./messages/flow-mod.ts";
import { flowRemoved10 } from "./messages/flow-removed.ts";
import { packetIn10, packetOut10 } from "./messages/packets.ts";
import { portModFields10, portStatusFields10 } from "./messages/ports.ts";
import { role10 } from "./messages/role.ts";
import { multipartReply10, multipartRequest10, replies10, requests10 } from "./multipart/multipart.ts";

const standardMessages = variants({
  ...rowsOfAllVersions,
  featuresReply: [6, featuresReply10],
  packetIn: [10, packetIn10],
  flowRemoved: [11, flowRemoved10],
  portStatus: [12, portStatusFields10],
  packetOut: [13, packetOut10],
  flowMod: [14, flowMod10],
  portMod: [15, portModFields10],
  multipartRequest: [16, multipartRequest10],
  multipartReply: [17, multipartReply10],
  barrierRequest: [18, {}],
  barrierReply: [19, {}],
});

const roles = { roleRequest: [10, role10], roleReply: [11, role10] } as const;

/** A group's buckets have actions of another version inside. */
const { bucketGroupMod: _, ...others } = niciraMessageRows;

const messages = either(standardMessages, inside(4, u32, inside(nicira, u32, variants({ ...roles, ...others }))));

/** What messages there are in OpenFlow 1.0, by their kinds. */
export const messageKinds10 = messages.kinds;

const family: Family<VariantsInput<typeof messages>> = {
  ...{ version: "1.0", messages },
  ...{ requests: requests10, replies: replies10 },
};

/**
 * The bytes of a message in OpenFlow 1.0.
 *
 * @param flowModTableId whether flow mods name a table, in Nicira's way
 * @throws OPENFLOW__UNSUPPORTED_BY_VERSION, WIRE__OUT_OF_RANGE, WIRE__WRONG_TYPE
 */
export function encodeMessage10(message: Message, xid: number, flowModTableId: boolean): Uint8Array {
  return encodeFamily(family, message, xid, (given) =>
    given.kind === "flowMod" ? { ...given, tableId: tableToSay(given.tableId, flowModTableId) } : given,
  );
}

/** The message in all of `bytes`. @throws WIRE__TRUNCATED, WIRE__TRAILING_BYTES, WIRE__MALFORMED */
export function decodeMessage10(bytes: Uint8Array): Envelope {
  return decodeFamily(messages, bytes);
}
