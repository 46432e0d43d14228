/** An option of neighbour discovery (RFC 4861, 4.6). */
export interface NdOption {
  readonly type: number;
  /** What follows type and length, padding included. */
  readonly body: Uint8Array;
}

/** @see RFC 4861, 4.6; RFC 8106, 5 */
export const ndOptionType = {
  sourceLinkLayerAddress: 1,
  prefixInformation: 3,
  mtu: 5,
  recursiveDnsServer: 25,
  dnsSearchList: 31,
} as const;

const headerLength = 2;
/** The unit of lengths, in bytes. */
const unit = 8;

/** Reads the options of a message; undefined when one has no length or goes past the end. */
export function decodeNdOptions(bytes: Uint8Array): readonly NdOption[] | undefined {
  const options: NdOption[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const length = (bytes[offset + 1] ?? 0) * unit;
    if (length === 0 || offset + length > bytes.length) return undefined;
    options.push({ type: bytes[offset] ?? 0, body: bytes.subarray(offset + headerLength, offset + length) });
    offset += length;
  }
  return options;
}

/** The bytes of an option, padded to a whole number of units. */
export function encodeNdOption({ type, body }: NdOption): Uint8Array {
  const units = Math.ceil((headerLength + body.length) / unit);
  const bytes = new Uint8Array(units * unit);
  bytes[0] = type;
  bytes[1] = units;
  bytes.set(body, headerLength);
  return bytes;
}
