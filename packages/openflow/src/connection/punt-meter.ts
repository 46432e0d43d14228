import { Meter, type MeterMod } from "../of13/messages/meter-mod.ts";

/** How many packets a switch may send to its controllers. */
export interface PuntRate {
  readonly packetsPerSec: number;
  /** So many at once; without, as many as in a second. */
  readonly burstPackets?: number;
}

/**
 * The messages that make the meter through which all packets for the controllers go, which makes the switch drop those
 * beyond `rate` instead of sending them; `undefined` takes it away. A switch that has one already refuses another
 * (OFPMMFC_METER_EXISTS): whoever has set it keeps it. Open vSwitch has it where its datapath has meters; in OpenFlow 1.0
 * there is none.
 *
 * @see OpenFlow 1.3.5, 7.3.4.4 (OFPM_CONTROLLER)
 */
export function puntMeter(rate: PuntRate | undefined): readonly MeterMod[] {
  const meterId = Meter.controller;
  if (rate === undefined) return [{ kind: "meterMod", command: "delete", meterId }];
  const { packetsPerSec, burstPackets = packetsPerSec } = rate;
  const flags = { pktps: true, burst: true, stats: true };
  const bands = [{ kind: "drop", rate: packetsPerSec, burstSize: burstPackets } as const];
  return [{ kind: "meterMod", command: "add", meterId, flags, bands }];
}
