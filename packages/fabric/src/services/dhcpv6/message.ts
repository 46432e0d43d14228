import { decodeOptions, type Dhcpv6Option, encodeOptions } from "./options.ts";

/** A message between a client and a server (RFC 8415, 8). */
export interface Dhcpv6Message {
  readonly type: number;
  /** 24 bits. */
  readonly transactionId: number;
  readonly options: readonly Dhcpv6Option[];
}

/** @see RFC 8415, 7.3 */
export const messageType = {
  solicit: 1,
  advertise: 2,
  request: 3,
  confirm: 4,
  renew: 5,
  rebind: 6,
  reply: 7,
  release: 8,
  decline: 9,
  reconfigure: 10,
  informationRequest: 11,
  relayForward: 12,
  relayReply: 13,
} as const;

const headerLength = 4;
/** Relay agents' messages have another form (RFC 8415, 9): whose they are can't be seen here. */
const relayed: ReadonlySet<number | undefined> = new Set([messageType.relayForward, messageType.relayReply]);

/** Undefined for what is cut short, has an option that goes past the end, or comes from a relay agent. */
export function decodeMessage(bytes: Uint8Array): Dhcpv6Message | undefined {
  const [type = 0, high = 0, middle = 0, low = 0] = bytes;
  if (bytes.length < headerLength || relayed.has(type)) return undefined;
  const options = decodeOptions(bytes.subarray(headerLength));
  return options && { type, transactionId: (high << 16) | (middle << 8) | low, options };
}

export function encodeMessage({ type, transactionId, options }: Dhcpv6Message): Uint8Array {
  const carried = encodeOptions(options);
  const bytes = new Uint8Array(headerLength + carried.length);
  bytes.set([type, transactionId >> 16, (transactionId >> 8) & 0xff, transactionId & 0xff]);
  bytes.set(carried, headerLength);
  return bytes;
}
