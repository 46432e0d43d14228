import { code } from "../code.ts";

export const modelCodes = {
  MODEL__NOT_FOUND: code("caller", "there is no {resource} {id}"),
  MODEL__ALREADY_EXISTS: code("caller", "there is a {resource} {id} already; nothing was changed"),
  MODEL__MAC_IN_USE: code(
    "caller",
    "the MAC address {mac} of port {port} is used by another port of network {network}; choose another",
  ),
  MODEL__INVALID_MAC: code("caller", "{mac} can't be the MAC address of port {port}: {reason}"),
  MODEL__ADDRESS_IN_USE: code(
    "caller",
    "the IP address {address} of port {port} is used by another port of network {network}; choose another",
  ),
  MODEL__INVALID_ADDRESS: code("caller", "{address} can't be an IP address of port {port}: {reason}"),
  MODEL__ADDRESSES_EXHAUSTED: code(
    "caller",
    "subnet {subnet} ({cidr}) has no free address left for port {port}; free one or add a subnet",
  ),
  MODEL__SUBNET_NOT_ON_NETWORK: code(
    "caller",
    "subnet {subnet} isn't on network {network}, where port {port} is to be",
  ),
  MODEL__INVALID_GATEWAY: code("caller", "{gateway} can't be the gateway of subnet {subnet} ({cidr}): {reason}"),
  MODEL__INVALID_ALLOCATION_POOL: code("caller", "{pool} can't be an allocation pool of subnet {subnet}: {reason}"),
  MODEL__GATEWAY_IN_ALLOCATION_POOL: code(
    "caller",
    "{gateway}, the gateway of subnet {subnet}, is in its allocation pool {pool}; choose another, or other pools",
  ),
  MODEL__CIDR_OVERLAP: code(
    "caller",
    "{cidr} of subnet {subnet} overlaps {otherCidr} of subnet {other} on the same network",
  ),
  MODEL__CIDR_TOO_SMALL: code(
    "caller",
    "{cidr} of subnet {subnet} leaves no address for a port; use a prefix of /{longest} or shorter",
  ),
  MODEL__INVALID_CIDR: code("caller", "{cidr} can't be the prefix of subnet {subnet}: {reason}"),
  MODEL__INVALID_SUBNET_POOL: code("caller", "subnet pool {pool} can't be as it is asked for: {reason}"),
  MODEL__ADDRESS_SCOPE_OVERLAP: code(
    "caller",
    "prefixes of subnet pool {pool} overlap those of subnet pool {other} in address scope {scope}",
  ),
  MODEL__NOT_IN_SUBNET_POOL: code("caller", "{cidr} can't be had of subnet pool {pool}: {reason}"),
  MODEL__SUBNET_POOL_EXHAUSTED: code(
    "caller",
    "subnet pool {pool} has no prefix of /{length} left; ask for a longer one, or have prefixes added",
  ),
  MODEL__SUBNET_POOL_QUOTA_EXCEEDED: code("caller", "of subnet pool {pool} a project may have {limit} at most"),
  MODEL__SUBNET_POOL_MIXED: code(
    "caller",
    "subnet {subnet} has to be of the same subnet pool as subnet {other}, or of none as that: they share a network",
  ),
  MODEL__INVALID_IPV6_MODE: code("caller", "{modes} can't be those of subnet {subnet}: {reason}"),
  MODEL__INVALID_NAMESERVER: code("caller", "{address} can't be a name server of subnet {subnet}: {reason}"),
  MODEL__INVALID_HOST_ROUTE: code(
    "caller",
    "guests of subnet {subnet} can't be told the route to {destination} by {nextHop}: {reason}",
  ),
  MODEL__INVALID_DNS_NAME: code("caller", "{name} can't be the DNS name of port {port}: {reason}"),
  MODEL__DNS_NAME_IN_USE: code(
    "caller",
    "port {port} can't be called {name}: another port of network {network} is; choose another name",
  ),
  MODEL__INVALID_DNS_DOMAIN: code("caller", "{domain} can't be the DNS domain of network {network}: {reason}"),
  MODEL__INVALID_ADDRESS_PAIR: code("caller", "{pair} can't be an allowed address pair of port {port}: {reason}"),
  MODEL__PORT_SECURITY_REQUIRED: code(
    "caller",
    "port {id} has allowed address pairs, which say nothing without port security; leave it on, or remove the pairs",
  ),
  MODEL__INVALID_SEGMENT: code(
    "caller",
    "network {network} can't be a {networkType} network as it is asked for: {reason}",
  ),
  MODEL__SEGMENT_IN_USE: code(
    "caller",
    "network {network} can't have what is {segment} in physical network {physicalNetwork}: another network has it",
  ),
  MODEL__INVALID_MTU: code("caller", "{mtu} can't be the MTU of network {network}: {reason}"),
  MODEL__FLOW_EXISTS: code(
    "caller",
    "switch {switch} has a static flow for {match} with priority {priority} in table {table} already; delete that one first",
  ),
  MODEL__IN_USE: code("caller", "{resource} {id} is in use by {user}; remove that first"),
  MODEL__QUOTA_EXCEEDED: code(
    "caller",
    "project {project} may have {limit} of {resource}, and has as many; delete one, or have its quota raised",
  ),
  MODEL__TUNNEL_KEYS_EXHAUSTED: code(
    "environment",
    "all {limit} tunnel keys are used; network {network} can't be made before another is deleted",
  ),
  MODEL__REVISION_MISSED: code(
    "bug",
    "intent is known as of revision {known} and the next commit told is {told}; some in between are missing",
  ),
  MODEL__STORE_LOCKED: code("environment", "the store {file} is in use by another process; stop that one first"),
  MODEL__STORE_FAILED: code("environment", "the store {file} failed: {reason}"),
  MODEL__STORE_UNUSABLE: code("environment", "the store {file} can't be opened: {reason}"),
  MODEL__STORE_CLOSED: code("bug", "the store {file} is closed"),
  MODEL__TOO_MANY_ATTEMPTS: code(
    "caller",
    "too many failed attempts to log in {subject}; try again in {retryAfterSec} s",
  ),
  MODEL__LAST_ADMINISTRATOR: code(
    "caller",
    "user {user} is the last administrator that is enabled; nobody could make another: name one first",
  ),
  MODEL__TOO_MANY_CREDENTIALS: code(
    "caller",
    "user {user} has {limit} application credentials, which is the most; delete one that isn't needed any more",
  ),
} as const;
