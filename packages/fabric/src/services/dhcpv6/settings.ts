/** What DHCPv6 tells besides addresses, as far as a client asks for it. */
import { encodeDomainName } from "../../packets/domain-name.ts";
import { ipv6ToBytes, viewOf } from "../../packets/ipv6-frame.ts";
import type { Dhcpv6Lease } from "./lease.ts";
import { type Dhcpv6Option, findOption, optionCode, requestedOptions } from "./options.ts";

/** Flags of the client's name (RFC 4704, 4.1): the server updates the name's address, and not as the client asked. */
const fqdnFlag = { serverUpdates: 0x01, override: 0x02 } as const;

/** The options that answer those that a client named. */
export function settingsFor(options: readonly Dhcpv6Option[], lease: Dhcpv6Lease): Dhcpv6Option[] {
  const requested = requestedOptions(options);
  const given = [...dnsServers(lease), ...domainList(lease)].filter(({ code }) => requested.has(code));
  return [...given, ...hostName(options, lease)];
}

/** When a client without addresses asks again (RFC 8415, 21.23). */
export function informationRefreshTime(options: readonly Dhcpv6Option[], { leaseSec }: Dhcpv6Lease): Dhcpv6Option[] {
  if (!requestedOptions(options).has(optionCode.informationRefreshTime)) return [];
  const data = new Uint8Array(4);
  viewOf(data).setUint32(0, leaseSec);
  return [{ code: optionCode.informationRefreshTime, data }];
}

function dnsServers({ nameservers }: Dhcpv6Lease): Dhcpv6Option[] {
  if (nameservers.length === 0) return [];
  return [{ code: optionCode.dnsServers, data: joined(nameservers.map(ipv6ToBytes)) }];
}

function domainList({ searchDomains }: Dhcpv6Lease): Dhcpv6Option[] {
  const names = searchDomains.flatMap((name) => encodeDomainName(name) ?? []);
  return names.length === 0 ? [] : [{ code: optionCode.domainList, data: joined(names) }];
}

/** A client that speaks of its name hears the one that it has here (RFC 4704, 6.1). */
function hostName(options: readonly Dhcpv6Option[], lease: Dhcpv6Lease): Dhcpv6Option[] {
  const asked = findOption(options, optionCode.clientFqdn);
  const name = lease.hostName === undefined ? undefined : encodeDomainName(lease.hostName);
  if (asked === undefined || name === undefined) return [];
  const isWanted = ((asked.data[0] ?? 0) & fqdnFlag.serverUpdates) !== 0;
  const flags = fqdnFlag.serverUpdates | (isWanted ? 0 : fqdnFlag.override);
  return [{ code: optionCode.clientFqdn, data: joined([Uint8Array.of(flags), name]) }];
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
