import { code } from "../code.ts";

export const libvirtCodes = {
  LIBVIRT__UNSUPPORTED_URI: code(
    "caller",
    "{uri} can't be connected to: {reason}; use a URI such as qemu+unix:///system?socket=/run/libvirt/libvirt-sock",
  ),
  LIBVIRT__INVALID_DOMAIN: code("caller", "domain {domain} can't be described to libvirt: {reason}"),
  LIBVIRT__UNREACHABLE: code(
    "environment",
    "libvirt at {uri} can't be reached: {reason}; check that libvirtd runs there and that its socket may be opened",
  ),
  LIBVIRT__UNSUPPORTED_AUTHENTICATION: code(
    "environment",
    "libvirt at {uri} asks for authentication by {methods}, which isn't known here; set auth_unix_rw to none there",
  ),
  LIBVIRT__REFUSED: code("peer", "libvirt at {uri} refused {call}: {message} (error {number}, from {source})"),
  LIBVIRT__MALFORMED: code("peer", "{uri} sent something else than libvirt's remote protocol: {reason}"),
  LIBVIRT__TIMEOUT: code("environment", "libvirt at {uri} didn't answer {call} within {timeoutMs} ms"),
  LIBVIRT__SILENT: code(
    "environment",
    "libvirt at {uri} has been silent for {silentMs} ms, keepalive probes included; the connection was dropped",
  ),
  LIBVIRT__CLOSED: code("environment", "the connection to libvirt at {uri} is closed: {reason}"),
  LIBVIRT__EXCEEDED: code(
    "environment",
    "{limit} calls to libvirt at {uri} are already waiting; {call} was not sent, try again later",
  ),
} as const;
