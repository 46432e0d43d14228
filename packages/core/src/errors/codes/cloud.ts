import { code } from "../code.ts";

export const cloudCodes = {
  CLOUD__NAME_IN_USE: code("caller", "there is a {resource} named {name} already; choose another name"),
  CLOUD__INVALID_PARAMETER: code("caller", "{parameter}={value} can't be used: {reason}"),
  CLOUD__INVALID_TRANSITION: code("caller", "{subject} {id} is {state}, where {event} isn't possible"),
  CLOUD__NOT_READY: code("caller", "{subject} {id} can't be used: {reason}"),
  CLOUD__IN_USE: code("caller", "{subject} {id} is in use by {user}; remove that first"),

  CLOUD__HOST_EXISTS: code("caller", "another host has {what} already"),
  CLOUD__HOST_UNAVAILABLE: code("environment", "host {host} can't be used: {reason}"),
  CLOUD__NO_CAPACITY: code("environment", "no host of zone {zone} can take an instance of {memoryMib} MiB: {reason}"),
  CLOUD__HYPERVISOR_REFUSED: code("peer", "the hypervisor at {uri} refused to {operation} domain {domain}: {reason}"),
  CLOUD__HYPERVISOR_LOST: code("environment", "the hypervisor at {uri} can't be asked to {operation}: {reason}"),
  CLOUD__INSTANCE_STOPPED: code("environment", "instance {instance} stopped while it was being started: {reason}"),

  CLOUD__ADDRESS_IN_USE: code(
    "caller",
    "the IP address {address} is used by another instance of network {network}; choose another",
  ),
  CLOUD__INVALID_ADDRESS: code("caller", "{address} can't be an address on network {network} ({cidr}): {reason}"),
  CLOUD__ADDRESSES_EXHAUSTED: code("environment", "network {network} ({cidr}) has no free address left"),
  CLOUD__MAC_IN_USE: code("environment", "the MAC address {mac} is another NIC's"),
  CLOUD__MACS_EXHAUSTED: code("environment", "no free MAC address was found in {attempts} attempts"),
  CLOUD__SEGMENTS_EXHAUSTED: code(
    "environment",
    "physical network {physicalNetwork} has no segment left: all {limit} are used",
  ),

  CLOUD__NETWORK_FAILED: code("environment", "network {network} can't be implemented: {reason}"),
  CLOUD__PORT_NOT_ACTIVE: code(
    "environment",
    "port {port} didn't become ACTIVE within {timeoutSec} s; the controller says it is {status}: {reason}",
  ),
  CLOUD__CLEANUP_PENDING: code(
    "environment",
    "{subject} {id} is gone, but not all that belonged to it: {reason}; this is tried again until it succeeds",
  ),

  CLOUD__CONTROLLER_UNREACHABLE: code(
    "environment",
    "the controller at {url} can't be reached: {reason}; check its URL and that it runs",
  ),
  CLOUD__CONTROLLER_TIMEOUT: code("environment", "the controller at {url} didn't answer {call} within {timeoutMs} ms"),
  CLOUD__CONTROLLER_UNAUTHORISED: code(
    "caller",
    "the controller at {url} refuses the credentials of user {username} (status {status}); check them",
  ),
  CLOUD__CONTROLLER_REFUSED: code("peer", "the controller at {url} answered {call} with {status}: {reason}"),
  CLOUD__CONTROLLER_MALFORMED: code(
    "peer",
    "the controller at {url} answered {call} with something that can't be read: {reason}",
  ),

  CLOUD__JOBS_EXCEEDED: code("environment", "{limit} jobs are waiting already; try again later"),
  CLOUD__JOB_ABANDONED: code(
    "environment",
    "job {job} ({command}) was begun {attempts} times and the server ended each time; it was undone",
  ),
  CLOUD__JOB_LOST: code("environment", "the server ended before job {job} ({command}) was done; nothing was changed"),
  CLOUD__STOPPING: code("environment", "the server is stopping; the work goes on when it is started again"),

  CLOUDSTACK__MALFORMED_REQUEST: code(
    "caller",
    "the request can't be read ({reason}); parameters belong in the address or in a form",
  ),
  CLOUDSTACK__MISSING_PARAMETER: code(
    "caller",
    "Unable to execute API command {command} due to missing parameter {parameter}",
  ),
  CLOUDSTACK__INVALID_VALUE: code(
    "caller",
    "Unable to execute API command {command} due to invalid value {value} for parameter {parameter}: {reason}",
  ),
  CLOUDSTACK__UNKNOWN_ENTITY: code(
    "caller",
    "Unable to execute API command {command} due to invalid value. Invalid parameter {parameter} value={value} due to incorrect long value format, or entity does not exist or due to incorrect parameter annotation for the field in api cmd class.",
  ),
  CLOUDSTACK__UNKNOWN_COMMAND: code(
    "caller",
    "The given command '{command}' either does not exist, is not available for user, or not available from ip address '{address}'.",
  ),
  CLOUDSTACK__UNAUTHENTICATED: code("caller", "unable to verify user credentials and/or request signature"),
  CLOUDSTACK__LOGIN_FAILED: code("caller", "Failed to authenticate user {username}; please provide valid credentials"),
  CLOUDSTACK__METHOD_NOT_ALLOWED: code(
    "caller",
    "{command} has to be sent with POST: its parameters don't belong in an address",
  ),
  CLOUDSTACK__UNSUPPORTED_FORMAT: code("caller", "response={format} isn't supported; ask for response=json"),
} as const;
