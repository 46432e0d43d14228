export {
  dnsDomain,
  dnsName,
  ignored,
  ip,
  ipOrPrefix,
  label,
  mac,
  prefix,
  unchangeable,
  uuid,
} from "./attributes/members.ts";
export { neutronNorthbound } from "./northbound.ts";
export type { NeutronOptions } from "./options.ts";
