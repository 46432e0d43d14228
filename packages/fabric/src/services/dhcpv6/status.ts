import { viewOf } from "../../packets/ipv6-frame.ts";
import { type Dhcpv6Option, optionCode } from "./options.ts";

/** @see RFC 8415, 21.13 */
export const statusCode = { success: 0, noAddrsAvail: 2, noBinding: 3, notOnLink: 4, noPrefixAvail: 6 } as const;
type Status = keyof typeof statusCode;

const messages: Readonly<Record<Status, string>> = {
  success: "",
  noAddrsAvail: "the port has no other addresses in subnets with DHCPv6",
  noBinding: "the port has no such addresses",
  notOnLink: "these are not the port's addresses on this network",
  noPrefixAvail: "no prefixes are delegated",
};

/** The option that says how it went. */
export function statusOption(status: Status): Dhcpv6Option {
  const text = Buffer.from(messages[status], "utf8");
  const data = new Uint8Array(2 + text.length);
  viewOf(data).setUint16(0, statusCode[status]);
  data.set(text, 2);
  return { code: optionCode.statusCode, data };
}
