import { type Ipv4, ipv4FromNumber, ipv4ToNumber, type Mac, macFromBytes, macToBytes } from "@loomstack/core";
import { viewOf } from "../../packets/ipv6-frame.ts";
import { decodeOptions, type DhcpOptions, encodeOptions, optionCode } from "./options.ts";

/** BOOTP's operations (RFC 951, 3). */
export const operation = { request: 1, reply: 2 } as const;

/** DHCP's message types (RFC 2132, 9.6). */
export const messageType = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const;

/** A DHCP message between hosts on Ethernet (RFC 2131, 2), without the server's name and the boot file. */
export interface DhcpMessage {
  readonly operation: number;
  readonly hops: number;
  readonly transactionId: number;
  readonly seconds: number;
  /** Whether the client can't hear unicast before it has its address (RFC 2131, 4.1). */
  readonly isBroadcast: boolean;
  readonly clientAddress: Ipv4;
  readonly yourAddress: Ipv4;
  readonly nextServer: Ipv4;
  readonly relayAgent: Ipv4;
  readonly hardwareAddress: Mac;
  readonly options: DhcpOptions;
}

const ethernet = { type: 1, addressLength: 6 } as const;
const cookie = 0x63825363;
const broadcastFlag = 0x8000;
const at = { hardwareAddress: 28, serverName: 44, bootFile: 108, cookie: 236, options: 240 } as const;
/** What BOOTP's messages are long at least (RFC 1542, 2.1), in bytes. */
const leastLength = 300;

/** Reads a message; undefined when it is none, one for other hardware than Ethernet, or its options are cut short. */
export function decodeDhcpMessage(bytes: Uint8Array): DhcpMessage | undefined {
  if (bytes.length < at.options) return undefined;
  const view = viewOf(bytes);
  if (view.getUint32(at.cookie) !== cookie) return undefined;
  if (view.getUint8(1) !== ethernet.type || view.getUint8(2) !== ethernet.addressLength) return undefined;
  const options = allOptions(bytes);
  if (options === undefined) return undefined;
  const address = (offset: number): Ipv4 => ipv4FromNumber(view.getUint32(offset));
  return {
    operation: view.getUint8(0),
    hops: view.getUint8(3),
    transactionId: view.getUint32(4),
    seconds: view.getUint16(8),
    isBroadcast: (view.getUint16(10) & broadcastFlag) !== 0,
    clientAddress: address(12),
    yourAddress: address(16),
    nextServer: address(20),
    relayAgent: address(24),
    hardwareAddress: macFromBytes(bytes.subarray(at.hardwareAddress, at.hardwareAddress + ethernet.addressLength)),
    options,
  };
}

/** Those in the options field, and in the fields that it says are used for more of them (RFC 2132, 9.3). */
function allOptions(bytes: Uint8Array): DhcpOptions | undefined {
  const options = new Map<number, Uint8Array>();
  if (decodeOptions(bytes.subarray(at.options), options) === undefined) return undefined;
  const [overloaded = 0] = options.get(optionCode.overload) ?? [];
  const isWhole = (start: number, end: number): boolean =>
    decodeOptions(bytes.subarray(start, end), options) !== undefined;
  if ((overloaded & 1) !== 0 && !isWhole(at.bootFile, at.cookie)) return undefined;
  if ((overloaded & 2) !== 0 && !isWhole(at.serverName, at.bootFile)) return undefined;
  return options;
}

export function encodeDhcpMessage(message: DhcpMessage): Uint8Array {
  const options = encodeOptions(message.options);
  const bytes = new Uint8Array(Math.max(leastLength, at.options + options.length));
  const view = viewOf(bytes);
  const setAddress = (offset: number, address: Ipv4): void => view.setUint32(offset, ipv4ToNumber(address));
  bytes.set([message.operation, ethernet.type, ethernet.addressLength, message.hops], 0);
  view.setUint32(4, message.transactionId);
  view.setUint16(8, message.seconds);
  view.setUint16(10, message.isBroadcast ? broadcastFlag : 0);
  setAddress(12, message.clientAddress);
  setAddress(16, message.yourAddress);
  setAddress(20, message.nextServer);
  setAddress(24, message.relayAgent);
  bytes.set(macToBytes(message.hardwareAddress), at.hardwareAddress);
  view.setUint32(at.cookie, cookie);
  bytes.set(options, at.options);
  return bytes;
}

/** How much of a message is left for options where it may have `messageLength` bytes. */
export function roomForOptions(messageLength: number): number {
  return messageLength - at.options;
}
