/**
 * A DHCPv6 server's answers (RFC 8415, 18.3). It keeps nothing: the addresses are those that intent gives the port, whatever
 * client, and whatever identity association, asks behind it.
 */
import type { Ipv6 } from "@loomstack/core";
import { decodeIaNa, encodeIaNa, type IaAddress, type IaNa } from "./identity-association.ts";
import type { Dhcpv6Lease } from "./lease.ts";
import { type Dhcpv6Message, messageType } from "./message.ts";
import { type Dhcpv6Option, encodeOptions, findOption, optionCode } from "./options.ts";
import { informationRefreshTime, settingsFor } from "./settings.ts";
import { statusOption } from "./status.ts";

/** How many identity associations of a message are looked at: an answer is never much longer than its question. */
const iaLimit = 8;
/** The longest DUID (RFC 8415, 11.1), in bytes. */
const longestDuid = 130;
/** When lifetimes are extended, of the lease (RFC 8415, 21.4). */
const t1Part = 0.5;
const t2Part = 0.8;

/** Undefined for what a server doesn't answer: the message is for another one, isn't allowed, or isn't a client's. */
export function answerMessage(message: Dhcpv6Message, lease: Dhcpv6Lease): Dhcpv6Message | undefined {
  if (!isForUs(message, lease)) return undefined;
  const { type } = message;
  switch (type) {
    case messageType.solicit:
      return solicited(message, lease);
    case messageType.request:
      return answer(message, lease, [...assigned(message, lease), ...settingsFor(message.options, lease)]);
    case messageType.renew:
    case messageType.rebind:
      return answer(message, lease, [...extended(message, lease), ...settingsFor(message.options, lease)]);
    case messageType.confirm:
      return confirmed(message, lease);
    case messageType.release:
    case messageType.decline:
      return answer(message, lease, [statusOption("success"), ...givenUp(message, lease)]);
    case messageType.informationRequest:
      return informed(message, lease);
    default:
      return undefined;
  }
}

/** Which messages have a client's and a server's identifier (RFC 8415, 16). */
function isForUs({ type, options }: Dhcpv6Message, { serverId }: Dhcpv6Lease): boolean {
  const [client, server] = [findOption(options, optionCode.clientId), findOption(options, optionCode.serverId)];
  if (client !== undefined && (client.data.length === 0 || client.data.length > longestDuid)) return false;
  const isNamed = server !== undefined && Buffer.compare(server.data, serverId) === 0;
  switch (type) {
    case messageType.solicit:
    case messageType.confirm:
    case messageType.rebind:
      return client !== undefined && server === undefined;
    case messageType.informationRequest:
      return server === undefined || isNamed;
    default:
      return client !== undefined && isNamed;
  }
}

function solicited(message: Dhcpv6Message, lease: Dhcpv6Lease): Dhcpv6Message {
  const offer = [...assigned(message, lease), ...settingsFor(message.options, lease)];
  const rapid = findOption(message.options, optionCode.rapidCommit);
  return rapid === undefined
    ? answer(message, lease, offer, messageType.advertise)
    : answer(message, lease, [{ code: optionCode.rapidCommit, data: new Uint8Array() }, ...offer]);
}

/** Undefined where a client names no address: there is nothing to confirm (RFC 8415, 18.3.3). */
function confirmed(message: Dhcpv6Message, lease: Dhcpv6Lease): Dhcpv6Message | undefined {
  const addresses = associations(message).flatMap((ia) => ia.addresses);
  if (addresses.length === 0) return undefined;
  const areOurs = addresses.every(({ address }) => lease.addresses.includes(address));
  return answer(message, lease, [statusOption(areOurs ? "success" : "notOnLink")]);
}

/** Undefined for a message that asks for addresses as well (RFC 8415, 16.12). */
function informed(message: Dhcpv6Message, lease: Dhcpv6Lease): Dhcpv6Message | undefined {
  const { iaNa, iaTa, iaPd } = optionCode;
  if ([iaNa, iaTa, iaPd].some((code) => findOption(message.options, code))) return undefined;
  const { options } = message;
  return answer(message, lease, [...settingsFor(options, lease), ...informationRefreshTime(options, lease)]);
}

/** The port's addresses, in the first association; what else is asked for there isn't (RFC 8415, 18.3.2 and 18.3.9). */
function assigned(message: Dhcpv6Message, lease: Dhcpv6Lease): Dhcpv6Option[] {
  return answered(
    message,
    (ia, given) => {
      if (given.length > 0) return encodeIaNa({ ...times(ia, lease), addresses: leased(given, lease) });
      return encodeIaNa({ ...noTimes(ia), addresses: [], status: statusOption("noAddrsAvail") });
    },
    lease,
  );
}

/** Addresses that aren't the port's any more go at once (RFC 8415, 18.3.4 and 18.3.5). */
function extended(message: Dhcpv6Message, lease: Dhcpv6Lease): Dhcpv6Option[] {
  return answered(
    message,
    (ia, given) => {
      const gone = ia.addresses
        .filter(({ address }) => !given.includes(address))
        .map(({ address }) => ({ address, preferredSec: 0, validSec: 0 }));
      const addresses = [...leased(given, lease), ...gone];
      if (addresses.length > 0) return encodeIaNa({ ...times(ia, lease), addresses });
      return encodeIaNa({ ...noTimes(ia), addresses, status: statusOption("noBinding") });
    },
    lease,
  );
}

/** Which of the associations that a client gives up were none of the port's (RFC 8415, 18.3.7 and 18.3.8). */
function givenUp(message: Dhcpv6Message, lease: Dhcpv6Lease): Dhcpv6Option[] {
  return associations(message)
    .filter(({ addresses }) => !addresses.some(({ address }) => lease.addresses.includes(address)))
    .map((ia) => encodeIaNa({ ...noTimes(ia), addresses: [], status: statusOption("noBinding") }));
}

/** Each association with its answer; the first one is given the port's addresses. */
function answered(
  message: Dhcpv6Message,
  of: (ia: IaNa, given: readonly Ipv6[]) => Dhcpv6Option,
  { addresses }: Dhcpv6Lease,
): Dhcpv6Option[] {
  return [
    ...associations(message).map((ia, index) => of(ia, index === 0 ? addresses : [])),
    ...unserved(message, optionCode.iaTa, "noAddrsAvail", 4),
    ...unserved(message, optionCode.iaPd, "noPrefixAvail", 12),
  ];
}

/** Temporary addresses and delegated prefixes are asked for in vain; their options begin with an id, and times. */
function unserved(
  { options }: Dhcpv6Message,
  code: number,
  status: "noAddrsAvail" | "noPrefixAvail",
  length: number,
): Dhcpv6Option[] {
  return options
    .filter((option) => option.code === code && option.data.length >= length)
    .slice(0, iaLimit)
    .map(({ data }) => {
      const start = new Uint8Array(length);
      start.set(data.subarray(0, 4));
      return { code, data: Uint8Array.from(Buffer.concat([start, encodeOptions([statusOption(status)])])) };
    });
}

function associations({ options }: Dhcpv6Message): IaNa[] {
  return options
    .filter(({ code }) => code === optionCode.iaNa)
    .slice(0, iaLimit)
    .flatMap((option) => decodeIaNa(option) ?? []);
}

function times({ iaid }: IaNa, { leaseSec }: Dhcpv6Lease): Pick<IaNa, "iaid" | "t1Sec" | "t2Sec"> {
  return { iaid, t1Sec: Math.floor(leaseSec * t1Part), t2Sec: Math.floor(leaseSec * t2Part) };
}

function noTimes({ iaid }: IaNa): Pick<IaNa, "iaid" | "t1Sec" | "t2Sec"> {
  return { iaid, t1Sec: 0, t2Sec: 0 };
}

function leased(addresses: readonly Ipv6[], { leaseSec }: Dhcpv6Lease): IaAddress[] {
  return addresses.map((address) => ({ address, preferredSec: leaseSec, validSec: leaseSec }));
}

function answer(
  { transactionId, options }: Dhcpv6Message,
  { serverId }: Dhcpv6Lease,
  given: readonly Dhcpv6Option[],
  type: number = messageType.reply,
): Dhcpv6Message {
  const client = findOption(options, optionCode.clientId);
  const server = { code: optionCode.serverId, data: serverId };
  return { type, transactionId, options: [...(client ? [client] : []), server, ...given] };
}
