import { type Logger, messageOf } from "@loomstack/core";
import { packetOut, Port } from "@loomstack/openflow";
import type { HypervisorRegistry } from "../hypervisors.ts";
import type { Path } from "./path-prober.ts";
import { encodeProbe, probeKey } from "./probe-packet.ts";

/**
 * Sends a probe along a path. One that can't be sent (the connection is ending) is like one that is lost. Gives whether it
 * was sent.
 *
 * @param length bytes; default: a short one
 */
export function sendProbe(
  registry: HypervisorRegistry,
  logger: Logger,
  path: Path,
  nonce: bigint,
  length?: number,
): boolean {
  const tunnel = registry.get(path.from)?.tunnelPort(path.encapsulation);
  if (tunnel === undefined) return false;
  try {
    tunnel.connection.send(
      packetOut({
        inPort: Port.controller,
        actions: [
          { kind: "setField", field: "tunnelId", value: BigInt(probeKey) },
          { kind: "setField", field: "tunIpv4Dst", value: path.endpoint },
          { kind: "output", port: tunnel.port },
        ],
        data: encodeProbe(nonce, length),
      }),
    );
    return true;
  } catch (error) {
    logger.debug({ hypervisor: path.from, error: messageOf(error) }, "a probe could not be sent");
    return false;
  }
}
