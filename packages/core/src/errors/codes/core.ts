import { code } from "../code.ts";

export const coreCodes = {
  CORE__INVALID_MAC: code("caller", "{value} is not a MAC address such as 52:54:00:12:34:56"),
  CORE__INVALID_IPV4: code("caller", "{value} is not an IPv4 address such as 192.0.2.1"),
  CORE__INVALID_IPV6: code("caller", "{value} is not an IPv6 address such as 2001:db8::1"),
  CORE__INVALID_IP: code("caller", "{value} is not an IP address such as 192.0.2.1 or 2001:db8::1"),
  CORE__INVALID_PREFIX: code("caller", "{value} is not an IP prefix such as 192.0.2.0/24 or 2001:db8::/64: {reason}"),
  CORE__INVALID_CIDR: code("caller", "{value} is not an IPv4 prefix such as 192.0.2.0/24: {reason}"),
  CORE__INVALID_UUID: code("caller", "{value} is not a UUID"),
  CORE__ABORTED: code("caller", "{what} was given up: {reason}"),
  CORE__UNREACHABLE: code("bug", "a case that can't happen happened: {what}"),
} as const;
