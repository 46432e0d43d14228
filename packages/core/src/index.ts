export {
  type Cidr,
  cidrAddress,
  cidrContains,
  cidrNetmask,
  cidrSize,
  formatCidr,
  parseCidr,
} from "./addresses/cidr.ts";
export {
  type Ip,
  ipFromBigint,
  ipToBigint,
  type IpVersion,
  ipVersionOf,
  isIpv4,
  isIpv6,
  parseIp,
} from "./addresses/ip.ts";
export { type Ipv4, ipv4FromNumber, ipv4ToNumber, parseIpv4 } from "./addresses/ipv4.ts";
export {
  type Ipv6,
  ipv6FromBigint,
  ipv6ToBigint,
  ipv6WithInterfaceOf,
  isLinkLocalIpv6,
  isMulticastIpv6,
  linkLocalOf,
  parseIpv6,
  solicitedNodeOf,
} from "./addresses/ipv6.ts";
export { isGroupMac, type Mac, macFromBytes, macToBytes, parseMac } from "./addresses/mac.ts";
export {
  formatPrefix,
  isSingleAddress,
  parsePrefix,
  type Prefix,
  prefixAddress,
  prefixContains,
  prefixesOverlap,
  prefixMask,
  prefixOf,
  prefixOffset,
  prefixSize,
} from "./addresses/prefix.ts";
export { backoffDelayMs, type BackoffPolicy } from "./backoff.ts";
export { DurationHistogram, type HistogramReading } from "./duration-histogram.ts";
export type { Blame } from "./errors/code.ts";
export { type ErrorContext, isLoomstackError, LoomstackError, messageOf } from "./errors/error.ts";
export { type Hash64, hash64, WordHash } from "./hash64.ts";
export { preferredWaitSec, waitLimitSec } from "./http-preference.ts";
export { httpStatusByBlame, httpStatusOf } from "./errors/http-status.ts";
export { type ErrorCode, errorTable } from "./errors/table.ts";
export {
  type Brand,
  type Dpid,
  isUuid,
  type LocalVlan,
  type OfPort,
  parseUuid,
  type Revision,
  type TunnelKey,
  type Uuid,
} from "./ids.ts";
export { Listeners } from "./listeners.ts";
export type { Clock } from "./ports/clock.ts";
export { type Logger, silentLogger } from "./ports/logger.ts";
export { systemClock } from "./ports/system-clock.ts";
export { type RandomBytes, randomFraction, randomMac, randomUuid } from "./random.ts";
export type { Step } from "./step.ts";
export { peerSubject, type TlsIdentity } from "./tls-identity.ts";
