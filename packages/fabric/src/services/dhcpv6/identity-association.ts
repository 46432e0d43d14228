/** Identity associations: the addresses of one interface of a client (RFC 8415, 21.4 and 21.6). */
import type { Ipv6 } from "@loomstack/core";
import { ipv6FromBytes, ipv6ToBytes, viewOf } from "../../packets/ipv6-frame.ts";
import { decodeOptions, type Dhcpv6Option, encodeOptions, optionCode } from "./options.ts";

export interface IaAddress {
  readonly address: Ipv6;
  readonly preferredSec: number;
  readonly validSec: number;
}

export interface IaNa {
  /** Chosen by the client; 32 bits. */
  readonly iaid: number;
  /** When the client asks this server to extend the lifetimes, and when any; in seconds. 0: when it likes. */
  readonly t1Sec: number;
  readonly t2Sec: number;
  readonly addresses: readonly IaAddress[];
  /** What else it carries, in one option at most: a status. */
  readonly status?: Dhcpv6Option;
}

const iaLength = 12;
const addressLength = 24;

/** Undefined when the option is cut short, or what it carries is. */
export function decodeIaNa({ data }: Dhcpv6Option): IaNa | undefined {
  if (data.length < iaLength) return undefined;
  const view = viewOf(data);
  const carried = decodeOptions(data.subarray(iaLength));
  if (carried === undefined) return undefined;
  const addresses = carried.filter(({ code }) => code === optionCode.iaAddress).map(decodeIaAddress);
  if (!addresses.every((address) => address !== undefined)) return undefined;
  const status = carried.find(({ code }) => code === optionCode.statusCode);
  const times = { iaid: view.getUint32(0), t1Sec: view.getUint32(4), t2Sec: view.getUint32(8) };
  return { ...times, addresses, ...(status && { status }) };
}

export function encodeIaNa({ iaid, t1Sec, t2Sec, addresses, status }: IaNa): Dhcpv6Option {
  const carried = encodeOptions([...addresses.map(encodeIaAddress), ...(status ? [status] : [])]);
  const data = new Uint8Array(iaLength + carried.length);
  const view = viewOf(data);
  view.setUint32(0, iaid);
  view.setUint32(4, t1Sec);
  view.setUint32(8, t2Sec);
  data.set(carried, iaLength);
  return { code: optionCode.iaNa, data };
}

function decodeIaAddress({ data }: Dhcpv6Option): IaAddress | undefined {
  if (data.length < addressLength) return undefined;
  const view = viewOf(data);
  return { address: ipv6FromBytes(data), preferredSec: view.getUint32(16), validSec: view.getUint32(20) };
}

function encodeIaAddress({ address, preferredSec, validSec }: IaAddress): Dhcpv6Option {
  const data = new Uint8Array(addressLength);
  const view = viewOf(data);
  data.set(ipv6ToBytes(address), 0);
  view.setUint32(16, preferredSec);
  view.setUint32(20, validSec);
  return { code: optionCode.iaAddress, data };
}
