/** A DHCP client's side: what it sends, and how it reads what it hears. */
import type { Ipv4, Mac } from "@loomstack/core";
import { ipv4FromBytes, ipv4ToBytes } from "../../packets/ipv4-frame.ts";
import { decodeIpv4Datagram, encodeIpv4Datagram, type Ipv4Datagram } from "../../packets/udp-over-ipv4.ts";
import { decodeDhcpMessage, type DhcpMessage, encodeDhcpMessage, messageType } from "./message.ts";
import { optionCode } from "./options.ts";

export const none = "0.0.0.0" as Ipv4;
export const clientMac = "02:00:00:00:00:0b" as Mac;

type TypeName = keyof typeof messageType;

/** A client's message: `options` by name, addresses as text, numbers as the bytes of a list. */
export function message(
  type: TypeName,
  options: Partial<Record<keyof typeof optionCode, string | readonly number[]>> = {},
  change: Partial<DhcpMessage> = {},
): DhcpMessage {
  const given = Object.entries(options).map(([name, value]): [number, Uint8Array] => [
    optionCode[name as keyof typeof optionCode],
    typeof value === "string" ? ipv4ToBytes(value as Ipv4) : Uint8Array.from(value),
  ]);
  return {
    ...{ operation: 1, hops: 0, transactionId: 0xdeadbeef, seconds: 3, isBroadcast: false },
    ...{ clientAddress: none, yourAddress: none, nextServer: none, relayAgent: none, hardwareAddress: clientMac },
    options: new Map([[optionCode.messageType, Uint8Array.of(messageType[type])], ...given]),
    ...change,
  };
}

/** The frame of a client's message to all servers. */
export function frameOf(sent: DhcpMessage, change: Partial<Ipv4Datagram> = {}): Uint8Array {
  return encodeIpv4Datagram({
    ...{ ethSrc: clientMac, ethDst: "ff:ff:ff:ff:ff:ff" as Mac, src: none, dst: "255.255.255.255" as Ipv4 },
    ...{ srcPort: 68, dstPort: 67, data: encodeDhcpMessage(sent) },
    ...change,
  });
}

export interface Heard {
  readonly datagram: Ipv4Datagram;
  readonly message: DhcpMessage;
  readonly type: TypeName | undefined;
  readonly server: Ipv4 | undefined;
}

/** What a client reads in a frame. */
export function heard(frame: Uint8Array | undefined): Heard | undefined {
  const datagram = frame && decodeIpv4Datagram(frame);
  const found = datagram && decodeDhcpMessage(datagram.data);
  if (datagram === undefined || found === undefined) return undefined;
  const [type] = found.options.get(optionCode.messageType) ?? [];
  const [name] = Object.entries(messageType).find(([, number]) => number === type) ?? [];
  const server = ipv4FromBytes(found.options.get(optionCode.serverIdentifier));
  return { datagram, message: found, type: name as TypeName | undefined, server };
}
