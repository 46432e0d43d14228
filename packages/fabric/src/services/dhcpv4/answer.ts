/**
 * A DHCP server's answers (RFC 2131, 4.3). It keeps nothing: the addresses are those that intent gives the port, whatever
 * client asks behind it, for as long as intent says so. Because nobody else can give them, it says no where other servers
 * would have to be silent.
 */
import type { Ipv4 } from "@loomstack/core";
import { ipv4FromBytes, ipv4ToBytes } from "../../packets/ipv4-frame.ts";
import { networkServer } from "../network-server.ts";
import type { DhcpLease } from "./lease.ts";
import { type DhcpMessage, messageType, operation } from "./message.ts";
import { type DhcpOptions, optionCode, u32Option } from "./options.ts";
import { settingsFor } from "./settings.ts";

const none = "0.0.0.0" as Ipv4;
/** When a client asks again, of the lease (RFC 2131, 4.4.5). */
const renewalPart = 0.5;
const rebindingPart = 0.875;

/** What a client's message comes to: an answer, or news that an address is in use. */
export interface DhcpOutcome {
  readonly reply?: DhcpMessage;
  /** The address that the client has found another host using. */
  readonly declined?: Ipv4;
}

/**
 * @param leases of the port that asks; at least one
 * @returns undefined for what a server doesn't answer: the message is for another one, or isn't a client's
 */
export function answerMessage(
  message: DhcpMessage,
  leases: readonly [DhcpLease, ...DhcpLease[]],
): DhcpOutcome | undefined {
  const { options } = message;
  const server = options.get(optionCode.serverIdentifier);
  if (message.operation !== operation.request) return undefined;
  if (server !== undefined && ipv4FromBytes(server) !== networkServer.address) return undefined;
  const wanted = ipv4FromBytes(options.get(optionCode.requestedAddress));
  const [type] = options.get(optionCode.messageType) ?? [];
  switch (type) {
    case messageType.discover:
      return { reply: granted(message, messageType.offer, leaseFor(leases, wanted) ?? leases[0]) };
    case messageType.request:
      return { reply: requested(message, leases, wanted) };
    case messageType.decline:
      return wanted !== undefined && leaseFor(leases, wanted) !== undefined ? { declined: wanted } : undefined;
    case messageType.inform:
      return { reply: informed(message, leaseFor(leases, message.clientAddress) ?? leases[0]) };
    default:
      // A release changes nothing: the address stays the port's.
      return undefined;
  }
}

/**
 * A client names the address that it was offered or remembers, or uses the one that it wants to keep (RFC 2131, 4.3.2:
 * selecting and init-reboot, renewing and rebinding).
 */
function requested(message: DhcpMessage, leases: readonly DhcpLease[], wanted: Ipv4 | undefined): DhcpMessage {
  const lease = leaseFor(leases, wanted ?? message.clientAddress);
  return lease === undefined ? refused(message) : granted(message, messageType.ack, lease);
}

function leaseFor(leases: readonly DhcpLease[], address: Ipv4 | undefined): DhcpLease | undefined {
  return leases.find((lease) => lease.address === address);
}

function granted(message: DhcpMessage, type: number, lease: DhcpLease): DhcpMessage {
  const { leaseSec, address } = lease;
  const fixed: DhcpOptions = new Map([
    ...identified(type),
    [optionCode.leaseTime, u32Option(leaseSec)],
    [optionCode.renewalTime, u32Option(Math.floor(leaseSec * renewalPart))],
    [optionCode.rebindingTime, u32Option(Math.floor(leaseSec * rebindingPart))],
    ...echoed(message),
  ]);
  const { clientAddress } = message;
  return {
    ...replyTo(message),
    clientAddress,
    yourAddress: address,
    options: settingsFor(message.options, lease, fixed),
  };
}

/** A client that has its address by other means is told the rest (RFC 2131, 4.3.5). */
function informed(message: DhcpMessage, lease: DhcpLease): DhcpMessage {
  const fixed = new Map([...identified(messageType.ack), ...echoed(message)]);
  const { clientAddress } = message;
  return { ...replyTo(message), clientAddress, options: settingsFor(message.options, lease, fixed) };
}

function refused(message: DhcpMessage): DhcpMessage {
  const reason = Buffer.from("this is not an address of the port");
  const options = new Map([...identified(messageType.nak), [optionCode.message, reason] as const, ...echoed(message)]);
  return { ...replyTo(message), isBroadcast: true, options };
}

function identified(type: number): (readonly [number, Uint8Array])[] {
  return [
    [optionCode.messageType, Uint8Array.of(type)],
    [optionCode.serverIdentifier, ipv4ToBytes(networkServer.address)],
  ];
}

/** A client hears by what name it asked (RFC 6842, 3). */
function echoed({ options }: DhcpMessage): (readonly [number, Uint8Array])[] {
  const id = options.get(optionCode.clientIdentifier);
  return id === undefined || id.length === 0 ? [] : [[optionCode.clientIdentifier, id]];
}

function replyTo({ transactionId, isBroadcast, hardwareAddress }: DhcpMessage): Omit<DhcpMessage, "options"> {
  return {
    operation: operation.reply,
    hops: 0,
    transactionId,
    seconds: 0,
    isBroadcast,
    clientAddress: none,
    yourAddress: none,
    nextServer: none,
    relayAgent: none,
    hardwareAddress,
  };
}
