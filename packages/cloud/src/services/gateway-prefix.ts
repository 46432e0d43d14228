import {
  type Cidr,
  cidrAddress,
  cidrContains,
  cidrSize,
  formatCidr,
  type Ipv4,
  ipv4FromNumber,
  ipv4ToNumber,
  parseIpv4,
} from "@loomstack/core";
import { invalid } from "./invalid-parameter.ts";

/**
 * The prefix that a gateway and a netmask say; undefined when neither is given.
 *
 * @throws CORE__INVALID_IPV4; CLOUD__INVALID_PARAMETER for one without the other, or a gateway that is no host's address
 */
export function prefixOfGateway(
  gateway: string | undefined,
  netmask: string | undefined,
): { readonly prefix: Cidr; readonly gateway: Ipv4 } | undefined {
  if (gateway === undefined && netmask === undefined) return undefined;
  if (gateway === undefined || netmask === undefined)
    throw invalid("gateway", gateway ?? "(none)", "gateway and netmask are given together");
  const address = parseIpv4(gateway);
  const prefixLength = prefixLengthOf(netmask);
  const network = ipv4FromNumber((ipv4ToNumber(address) & ipv4ToNumber(parseIpv4(netmask))) >>> 0);
  const prefix = { network, prefixLength };
  const broadcast = cidrAddress(prefix, cidrSize(prefix) - 1);
  if (!cidrContains(prefix, address) || address === network || address === broadcast)
    throw invalid("gateway", gateway, `it isn't the address of a host in ${formatCidr(prefix)}`);
  return { prefix, gateway: address };
}

function prefixLengthOf(netmask: string): number {
  const host = 2 ** 32 - 1 - ipv4ToNumber(parseIpv4(netmask));
  const bits = Math.log2(host + 1);
  if (!Number.isInteger(bits) || bits < 2 || bits > 24)
    throw invalid("netmask", netmask, "it is a netmask from 255.0.0.0 to 255.255.255.252");
  return 32 - bits;
}
