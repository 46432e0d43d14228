/** What ovs-ofctl calls the meters that no flow names. @see ovs-ofctl(8), "Meter Table Commands" */
import { Meter } from "../of13/messages/meter-mod.ts";

export const meterWords: ReadonlyMap<number, string> = new Map([
  [Meter.slowpath, "slowpath"],
  [Meter.controller, "controller"],
  [Meter.all, "all"],
]);
