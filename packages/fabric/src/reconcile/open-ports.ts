import { type Logger, messageOf } from "@loomstack/core";
import type { Drift } from "@loomstack/model";
import type { PortDescription, SwitchConnection } from "@loomstack/openflow";
import { isOurPortName } from "../compile/desired-bridges.ts";
import type { BridgeName } from "../pipeline/tables.ts";

export interface OpenPortsOptions {
  readonly bridge: BridgeName;
  readonly connection: SwitchConnection;
  readonly logger: Logger;
  /** Somebody else had closed a port; it was opened again. */
  readonly repaired: (drift: Drift) => void;
}

/**
 * Keeps the ports of ours open on one bridge, for as long as it isn't disposed of: that they were told to drop packets
 * (`ovs-ofctl mod-port`) is in no database, and only the switch tells of it.
 */
export function keepPortsOpen({ bridge, connection, logger, repaired }: OpenPortsOptions): Disposable {
  const open = (port: PortDescription): string | undefined => {
    const closed = Object.entries(port.config).flatMap(([bit, isSet]) => (isSet ? [bit] : []));
    if (closed.length === 0 || !isOurPortName(port.name)) return undefined;
    const change = { kind: "portMod", portNo: port.portNo, hwAddr: port.hwAddr, config: {}, advertise: {} } as const;
    const mask = { portDown: true, noReceive: true, noForward: true, noPacketIn: true };
    connection.apply([{ ...change, mask }]).catch((error: unknown) => {
      logger.warn({ bridge, port: port.name, error: messageOf(error) }, "a port of ours could not be opened again");
    });
    return `port ${port.name} of bridge ${bridge} was told: ${closed.join(", ")}`;
  };
  // What was closed while nobody looked is put right, like everything else then, without a word.
  for (const port of connection.ports.values()) open(port);
  return connection.portStatus.add(({ reason, port }) => {
    const what = reason === "delete" ? undefined : open(port);
    // One that is new was never right.
    if (what !== undefined && reason === "modify") repaired({ kind: "port", what });
  });
}
