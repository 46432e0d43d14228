import { connect, type Socket } from "node:net";
import { type Clock, LoomstackError } from "@loomstack/core";
import type { LibvirtAddress } from "../uri.ts";

/**
 * Opens the daemon's socket.
 *
 * @throws LIBVIRT__UNREACHABLE when it can't be opened, or not within `timeoutMs`; CORE__ABORTED
 */
export async function openSocket(
  address: LibvirtAddress,
  clock: Clock,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const unreachable = (reason: string): LoomstackError =>
    new LoomstackError("LIBVIRT__UNREACHABLE", { uri: address.uri, reason });
  const abort = (): void =>
    reject(
      new LoomstackError("CORE__ABORTED", { what: `connecting to ${address.uri}`, reason: String(signal?.reason) }),
    );
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  const socket = connect({ path: address.socketPath });
  socket.once("connect", () => resolve(undefined));
  socket.once("error", (error) => reject(unreachable(error.message)));
  using _timer = clock.after(timeoutMs, () => reject(unreachable(`no answer within ${timeoutMs} ms`)));
  try {
    await promise;
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
