export {
  type Cidr,
  cidrAddress,
  cidrContains,
  cidrNetmask,
  cidrSize,
  formatCidr,
  parseCidr,
} from "./addresses/cidr.ts";
export { type Ipv4, ipv4FromNumber, ipv4ToNumber, parseIpv4 } from "./addresses/ipv4.ts";
export { isGroupMac, type Mac, macFromBytes, macToBytes, parseMac } from "./addresses/mac.ts";
export { backoffDelayMs, type BackoffPolicy } from "./backoff.ts";
export type { Blame } from "./errors/code.ts";
export { type ErrorContext, isLoomstackError, LoomstackError, messageOf } from "./errors/error.ts";
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
export type { Step } from "./step.ts";
