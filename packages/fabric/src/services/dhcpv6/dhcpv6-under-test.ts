/** A DHCPv6 client's side: what it sends, and how it reads what it hears. */
import type { Ipv6, Mac } from "@loomstack/core";
import { decodeIpv6Frame, type Ipv6Frame, ipv6FromBytes } from "../../packets/ipv6-frame.ts";
import { encodeIpv6Datagram } from "../../packets/udp-over-ipv6.ts";
import { decodeIaNa, encodeIaNa } from "./identity-association.ts";
import type { Dhcpv6Lease } from "./lease.ts";
import { type Dhcpv6Message, encodeMessage } from "./message.ts";
import { decodeOptions, type Dhcpv6Option, optionCode } from "./options.ts";

export const clientId = { code: optionCode.clientId, data: Uint8Array.of(0, 3, 0, 1, 2, 0, 0, 0, 0, 0x0b) };
export const lease: Dhcpv6Lease = {
  serverId: Uint8Array.of(0, 4, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16),
  addresses: ["2001:db8::b" as Ipv6],
  leaseSec: 86_400,
  nameservers: ["2001:db8::53" as Ipv6],
  searchDomains: ["example.org"],
  hostName: "web.example.org",
};
export const serverId = { code: optionCode.serverId, data: lease.serverId };

/** An association that names these addresses. */
export function iaNa(iaid: number, ...addresses: string[]): Dhcpv6Option {
  const named = addresses.map((address) => ({ address: address as Ipv6, preferredSec: 0, validSec: 0 }));
  return encodeIaNa({ iaid, t1Sec: 0, t2Sec: 0, addresses: named });
}

export function optionRequest(...codes: number[]): Dhcpv6Option {
  return { code: optionCode.optionRequest, data: Uint8Array.from(codes.flatMap((code) => [code >> 8, code & 0xff])) };
}

export function message(type: number, ...options: Dhcpv6Option[]): Dhcpv6Message {
  return { type, transactionId: 0xabcdef, options };
}

/** The frame of a guest's message to all servers. */
export function frameOf(sent: Dhcpv6Message, change: Partial<Ipv6Frame> = {}): Ipv6Frame {
  const packet = {
    ethSrc: "02:00:00:00:00:0b" as Mac,
    ethDst: "33:33:00:01:00:02" as Mac,
    src: "fe80::ff:fe00:b" as Ipv6,
    dst: "ff02::1:2" as Ipv6,
    hopLimit: 1,
    ...change,
  };
  const frame = decodeIpv6Frame(
    encodeIpv6Datagram({ ...packet, srcPort: 546, dstPort: 547, data: encodeMessage(sent) }),
  );
  if (frame === undefined) throw new TypeError("the test's own frame can't be read");
  return frame;
}

/** An answer as lines: `client`, `server`, `ia 1 t1 t2: address preferred valid, … status 2`, `option 23: hex`. */
export function told(answer: Dhcpv6Message | undefined): string[] {
  return (answer?.options ?? []).map((option) => {
    if (option.code === optionCode.clientId) return "client";
    if (option.code === optionCode.serverId) return "server";
    if (option.code === optionCode.statusCode) return `status ${statusOf(option)}`;
    if (option.code !== optionCode.iaNa) return `option ${option.code}: ${Buffer.from(option.data).toString("hex")}`;
    const { iaid, t1Sec, t2Sec, addresses, status } = decodeIaNa(option) ?? {};
    const named = addresses?.map((one) => `${one.address} ${one.preferredSec} ${one.validSec}`).join(", ") ?? "";
    return `ia ${iaid} ${t1Sec} ${t2Sec}: ${named}${status === undefined ? "" : `status ${statusOf(status)}`}`;
  });
}

/** The status inside an option that carries others after `offset` bytes. */
export function carriedStatus({ data }: Dhcpv6Option, offset: number): string | undefined {
  const status = decodeOptions(data.subarray(offset))?.find(({ code }) => code === optionCode.statusCode);
  return status && statusOf(status);
}

/** The addresses of an option that is a list of them. */
export function addressesOf(data: Uint8Array): string[] {
  return Array.from({ length: data.length / 16 }, (_, index) => ipv6FromBytes(data.subarray(16 * index)));
}

function statusOf({ data }: Dhcpv6Option): string {
  return String(((data[0] ?? 0) << 8) | (data[1] ?? 0));
}
