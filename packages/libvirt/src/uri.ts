import { LoomstackError } from "@loomstack/core";

/** Where a libvirt daemon listens, and what to ask it for. */
export interface LibvirtAddress {
  /** The URI as it was given. */
  readonly uri: string;
  /** Path of the daemon's UNIX socket. */
  readonly socketPath: string;
  /** The driver's URI without the transport, which is what the daemon itself is asked to open. */
  readonly driverUri: string;
}

const defaultSocketPath = "/run/libvirt/libvirt-sock";

/**
 * Reads a libvirt connection URI (https://libvirt.org/uri.html): `qemu:///system` or
 * `qemu+unix:///system?socket=/path`.
 *
 * @throws LIBVIRT__UNSUPPORTED_URI for other drivers, other transports, the session daemon and unknown parameters
 */
export function parseLibvirtUri(uri: string): LibvirtAddress {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  const refuse = (reason: string): LoomstackError => new LoomstackError("LIBVIRT__UNSUPPORTED_URI", { uri, reason });
  if (!url) throw refuse("it is not a URI");
  const [driver, transport = "unix"] = url.protocol.slice(0, -1).split("+");
  if (driver !== "qemu") throw refuse(`the driver ${driver} is not supported`);
  if (transport !== "unix") throw refuse(`the transport ${transport} is not supported`);
  if (url.host !== "") throw refuse("a host can't be reached over a UNIX socket");
  if (url.pathname !== "/system") throw refuse("only the system daemon is supported");
  for (const name of url.searchParams.keys()) if (name !== "socket") throw refuse(`the parameter ${name} is unknown`);
  const socketPath = url.searchParams.get("socket") ?? defaultSocketPath;
  if (!socketPath.startsWith("/") || socketPath.includes("\0")) throw refuse("the socket's path is not absolute");
  return { uri, socketPath, driverUri: "qemu:///system" };
}
