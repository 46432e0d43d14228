import {
  formatPrefix,
  isGroupMac,
  isMulticastIpv6,
  isIpv6,
  isSingleAddress,
  LoomstackError,
  type Mac,
  parsePrefix,
  type Prefix,
  prefixOf,
  parseIp,
  type Uuid,
} from "@loomstack/core";

/** Addresses that a port may use besides its own: another's, such as one that moves between ports (VRRP). */
export interface AddressPair {
  /** null: the port's own, whatever that is. */
  readonly macAddress: Mac | null;
  readonly prefix: Prefix;
}

/** How many pairs a port may have; as Neutron's `max_allowed_address_pair`. */
export const addressPairLimit = 10;

/** Reads an address or a prefix as a prefix. @throws CORE__INVALID_IP, CORE__INVALID_PREFIX */
export function parsePairAddress(text: string): Prefix {
  return text.includes("/") ? parsePrefix(text) : prefixOf(parseIp(text));
}

/** A single address without a prefix length: what `parsePairAddress` reads. */
export function formatPairAddress(prefix: Prefix): string {
  return isSingleAddress(prefix) ? prefix.network : formatPrefix(prefix);
}

/** What has to be known of a port to judge its pairs. */
export interface PairOwner {
  readonly id: Uuid;
  readonly macAddress: Mac;
  readonly portSecurityEnabled: boolean;
  readonly allowedAddressPairs: readonly AddressPair[];
}

/** @throws MODEL__PORT_SECURITY_REQUIRED for pairs without port security; MODEL__INVALID_ADDRESS_PAIR */
export function checkAddressPairs(port: PairOwner): void {
  const { id, allowedAddressPairs: pairs } = port;
  if (pairs.length > 0 && !port.portSecurityEnabled) throw new LoomstackError("MODEL__PORT_SECURITY_REQUIRED", { id });
  const seen = new Set<string>();
  for (const [index, pair] of pairs.entries()) {
    const name = `${pair.macAddress ?? port.macAddress} ${formatPairAddress(pair.prefix)}`;
    const reason = index >= addressPairLimit ? `more than ${addressPairLimit} are too many` : whyNotAllowed(pair);
    if (reason !== undefined) throw invalid(id, name, reason);
    if (seen.has(name)) throw invalid(id, name, "it is there twice");
    seen.add(name);
  }
}

function whyNotAllowed({ macAddress, prefix: { network } }: AddressPair): string | undefined {
  if (macAddress !== null && isGroupMac(macAddress)) return "its MAC address is a group address";
  if (macAddress === "00:00:00:00:00:00") return "its MAC address is all zeros";
  return isIpv6(network) && isMulticastIpv6(network) ? "nobody sends from a multicast address" : undefined;
}

function invalid(port: Uuid, pair: string, reason: string): LoomstackError {
  return new LoomstackError("MODEL__INVALID_ADDRESS_PAIR", { pair, port, reason });
}

/** As the store keeps them. */
export function pairsToText(pairs: readonly AddressPair[]): string {
  return JSON.stringify(pairs.map(({ macAddress, prefix }) => [macAddress, formatPrefix(prefix)]));
}

/** Reads what `pairsToText` wrote. */
export function pairsFromText(text: string): AddressPair[] {
  const pairs = JSON.parse(text) as [Mac | null, string][];
  return pairs.map(([macAddress, prefix]) => ({ macAddress, prefix: parsePrefix(prefix) }));
}
