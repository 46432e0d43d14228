/**
 * The answers of a network's resolver (RFC 1035): of the names and addresses of its own ports it knows all, of others
 * nothing, and says so at once (REFUSED), so that a client goes on to its next resolver.
 */
import { type Ip, isIpv4, parsePrefix, prefixContains } from "@loomstack/core";
import type { Intent, Port } from "@loomstack/model";
import type { Answer as Resource, DecodedPacket, Question as DnsQuestion } from "dns-packet";
import { subnetsOf } from "../../intent/subnets-of-network.ts";
import { hostNameOf } from "../port-name.ts";
import type { PortNames } from "./port-names.ts";
import { responseCode } from "./response-code.ts";
import { addressOfReverse } from "./reverse-name.ts";

/** Where in the flags the kind of question is, and the usual kind (RFC 1035, 4.1.1). */
const opcode = { at: 11, mask: 0xf, query: 0 } as const;

/** For how long what is said may be kept, in seconds: an address may be another port's soon. */
const timeToLiveSec = 30;

export interface DnsAnswer {
  readonly responseCode: number;
  readonly answers: readonly Resource[];
  /** Says for how long it may be kept that there is nothing (RFC 2308). */
  readonly authorities: readonly Resource[];
}

export interface Asker {
  readonly intent: Intent;
  readonly names: PortNames;
  readonly port: Port;
  readonly domain: string;
}

/** Undefined for what is no question. */
export function answerDns(
  { type, flags = 0, questions }: Pick<DecodedPacket, "type" | "flags" | "questions">,
  asker: Asker,
): DnsAnswer | undefined {
  const [question, ...others] = questions ?? [];
  if (type !== "query" || question === undefined || others.length > 0) return undefined;
  if (((flags >> opcode.at) & opcode.mask) !== opcode.query) return nothing(responseCode.notImplemented);
  const isOfInternet = question.class === undefined || question.class === "IN" || question.class === "ANY";
  return (
    (isOfInternet ? (ofDomain(question, asker) ?? ofAddress(question, asker)) : undefined) ??
    nothing(responseCode.refused)
  );
}

/** Undefined for a name outside the domain. */
function ofDomain({ name, type }: DnsQuestion, { names, port, domain }: Asker): DnsAnswer | undefined {
  const asked = name.toLowerCase();
  if (asked === domain) return nothing(responseCode.noError, domain);
  if (!asked.endsWith(`.${domain}`)) return undefined;
  const found = names.named(port.networkId, asked.slice(0, -domain.length - 1));
  if (found === undefined) return nothing(responseCode.nameError, domain);
  const answers = (["A", "AAAA"] as const).flatMap((kind) =>
    type === kind || isAny(type)
      ? addressesOf(found, kind).map((data): Resource => ({ name, type: kind, ttl: timeToLiveSec, data }))
      : [],
  );
  return answers.length === 0
    ? nothing(responseCode.noError, domain)
    : { responseCode: responseCode.noError, answers, authorities: [] };
}

/** Undefined for an address that no subnet of the network has. */
function ofAddress({ name, type }: DnsQuestion, { intent, names, port, domain }: Asker): DnsAnswer | undefined {
  const address = addressOfReverse(name.toLowerCase());
  if (address === undefined) return undefined;
  const isOurs = subnetsOf(intent, port.networkId).some(({ cidr }) => prefixContains(parsePrefix(cidr), address));
  if (!isOurs) return undefined;
  const found = names.withAddress(port.networkId, address);
  const hostName = found && hostNameOf(found);
  if (hostName === undefined) return nothing(responseCode.nameError, domain);
  if (type !== "PTR" && !isAny(type)) return nothing(responseCode.noError, domain);
  const answers: Resource[] = [{ name, type: "PTR", ttl: timeToLiveSec, data: `${hostName}.${domain}` }];
  return { responseCode: responseCode.noError, answers, authorities: [] };
}

function addressesOf({ fixedIps }: Port, type: "A" | "AAAA"): readonly Ip[] {
  return fixedIps.map(({ ipAddress }) => ipAddress).filter((address) => isIpv4(address) === (type === "A"));
}

/** The codec knows the type only by its text (RFC 1035, 3.2.3). */
function isAny(type: string): boolean {
  return type === "ANY";
}

/** @param zone whose it is to say that there is nothing */
export function nothing(code: number, zone?: string): DnsAnswer {
  if (zone === undefined) return { responseCode: code, answers: [], authorities: [] };
  const times = { serial: 1, refresh: 3_600, retry: 600, expire: 86_400, minimum: timeToLiveSec };
  const data = { mname: zone, rname: `hostmaster.${zone}`, ...times };
  return { responseCode: code, answers: [], authorities: [{ name: zone, type: "SOA", ttl: timeToLiveSec, data }] };
}
