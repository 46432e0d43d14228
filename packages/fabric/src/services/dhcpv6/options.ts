/** DHCPv6's options (RFC 8415, 21.1), and the lists of them that messages and other options carry. */
import { viewOf } from "../../packets/ipv6-frame.ts";

export interface Dhcpv6Option {
  readonly code: number;
  readonly data: Uint8Array;
}

/** @see RFC 8415, 21; RFC 3646; RFC 4704; RFC 8415, 21.23 */
export const optionCode = {
  clientId: 1,
  serverId: 2,
  iaNa: 3,
  iaTa: 4,
  iaAddress: 5,
  optionRequest: 6,
  statusCode: 13,
  rapidCommit: 14,
  dnsServers: 23,
  domainList: 24,
  iaPd: 25,
  informationRefreshTime: 32,
  clientFqdn: 39,
} as const;

const headerLength = 4;

/** Undefined when an option goes past the end. */
export function decodeOptions(bytes: Uint8Array): readonly Dhcpv6Option[] | undefined {
  const view = viewOf(bytes);
  const options: Dhcpv6Option[] = [];
  for (let offset = 0; offset < bytes.length;) {
    if (offset + headerLength > bytes.length) return undefined;
    const end = offset + headerLength + view.getUint16(offset + 2);
    if (end > bytes.length) return undefined;
    options.push({ code: view.getUint16(offset), data: bytes.subarray(offset + headerLength, end) });
    offset = end;
  }
  return options;
}

export function encodeOptions(options: readonly Dhcpv6Option[]): Uint8Array {
  const bytes = new Uint8Array(options.reduce((sum, { data }) => sum + headerLength + data.length, 0));
  const view = viewOf(bytes);
  let offset = 0;
  for (const { code, data } of options) {
    view.setUint16(offset, code);
    view.setUint16(offset + 2, data.length);
    bytes.set(data, offset + headerLength);
    offset += headerLength + data.length;
  }
  return bytes;
}

/** The first option with this code. */
export function findOption(options: readonly Dhcpv6Option[], code: number): Dhcpv6Option | undefined {
  return options.find((option) => option.code === code);
}

/** The codes that an Option Request option names (RFC 8415, 21.7). */
export function requestedOptions(options: readonly Dhcpv6Option[]): ReadonlySet<number> {
  const data = findOption(options, optionCode.optionRequest)?.data ?? new Uint8Array();
  const view = viewOf(data);
  return new Set(Array.from({ length: Math.floor(data.length / 2) }, (_, index) => view.getUint16(index * 2)));
}
