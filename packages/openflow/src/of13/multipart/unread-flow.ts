/**
 * The flows of a switch's reply as bytes: most of the flows that a controller is told it has read before, in another reply
 * or of another switch.
 */
import { type Hash64, LoomstackError, WordHash } from "@loomstack/core";
import { Reader } from "@loomstack/wire";
import type { Flow } from "../flow.ts";
import { headerSize } from "../header.ts";
import { flowStats } from "./flow-stats.ts";

/** Where what is read is in an entry (OpenFlow 1.3.5, 7.3.5.2, ofp_flow_stats), in bytes. */
const at = { table: 2, priority: 12, cookie: 24, match: 48 } as const;
/** Of the multipart header, behind the message's own. */
const multipartSize = 8;
const replyType = 19;
const flowBody = 1;

/** A flow as it stands in a reply, for as long as that is being received. */
export interface UnreadFlow {
  /** Of all that a flow is, without its age, counters, timeouts and flags: flows with one hash are told in the same bytes. */
  readonly hash: () => Hash64;
  /** @throws WIRE__… */
  readonly read: () => Flow;
}

/** Whether a message may be a part of what is read here: asked of each that comes, so in one look. */
export function isMultipartReply(message: Uint8Array): boolean {
  return message[1] === replyType;
}

/**
 * One part of a reply.
 *
 * @returns undefined for a message that has no flows
 */
export function unreadPart(
  message: Uint8Array,
): { readonly flows: Iterable<UnreadFlow>; readonly more: boolean } | undefined {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const hasHeader = view.byteLength >= headerSize + multipartSize;
  if (!hasHeader || !isMultipartReply(message) || view.getUint16(headerSize) !== flowBody) return undefined;
  return { flows: flowsOf(message, view), more: view.getUint16(headerSize + 2) % 2 === 1 };
}

/** @throws WIRE__MALFORMED */
function* flowsOf(message: Uint8Array, view: DataView): Generator<UnreadFlow> {
  const { byteLength } = message;
  for (let start = headerSize + multipartSize; start < byteLength;) {
    const length = byteLength - start < at.match ? 0 : view.getUint16(start);
    const end = start + length;
    if (length < at.match || length % 8 !== 0 || end > byteLength)
      throw new LoomstackError("WIRE__MALFORMED", {
        path: "multipartReply.entries",
        offset: start,
        reason: `a flow of ${length} bytes where ${byteLength - start} are left`,
      });
    const flowStart = start;
    yield {
      hash: () => hashOf(view, flowStart, end),
      read: () => flowStats.read(new Reader(message.subarray(flowStart, end), "flow")),
    };
    start = end;
  }
}

const words = new WordHash();

function hashOf(view: DataView, start: number, end: number): Hash64 {
  words.add((view.getUint8(start + at.table) << 16) | view.getUint16(start + at.priority));
  words.add(view.getInt32(start + at.cookie));
  words.add(view.getInt32(start + at.cookie + 4));
  for (let offset = start + at.match; offset < end; offset += 4) words.add(view.getInt32(offset));
  return words.finish();
}
