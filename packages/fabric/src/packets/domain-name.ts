const longestLabel = 63;
const longestName = 255;

/**
 * A domain name as it is on the wire, without compression (RFC 1035, 3.1; RFC 8415, 10); undefined when it can't be one:
 * it is empty, or a label or all of it is too long.
 */
export function encodeDomainName(name: string): Uint8Array | undefined {
  const labels = name.replace(/\.$/, "").split(".");
  const bytes: number[] = [];
  for (const label of labels) {
    const octets = Buffer.from(label, "utf8");
    if (octets.length === 0 || octets.length > longestLabel) return undefined;
    bytes.push(octets.length, ...octets);
  }
  bytes.push(0);
  return bytes.length > longestName ? undefined : Uint8Array.from(bytes);
}
