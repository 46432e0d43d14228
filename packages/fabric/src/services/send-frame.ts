import { type Logger, messageOf, type OfPort, type Uuid } from "@loomstack/core";
import { packetOut, type SwitchConnection } from "@loomstack/openflow";

/** Whose guest a frame is for. */
export interface FrameReceiver {
  readonly hypervisor: string;
  readonly port: Uuid;
  /** On br-int. */
  readonly ofPort: OfPort;
}

/** Sends a frame to a guest by br-int's connection; one that can't be sent is lost, as a frame on a wire may be. */
export function sendFrame(
  connection: SwitchConnection | undefined,
  to: FrameReceiver,
  data: Uint8Array,
  logger: Logger,
): void {
  try {
    connection?.send(packetOut({ actions: [{ kind: "output", port: to.ofPort }], data }));
  } catch (error) {
    // The connection is ending, or takes no more.
    logger.debug({ ...to, error: messageOf(error) }, "a frame for a guest could not be sent");
  }
}
