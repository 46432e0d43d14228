import type { Flow } from "@loomstack/openflow";
import { isPunting } from "./flow-outputs.ts";
import type { StaticFlowOutcome } from "./static-flow-target.ts";
import type { ObservedSwitch } from "./switch-session.ts";

/** What one round of setting a switch right did. */
export interface SwitchOutcome extends StaticFlowOutcome {
  /** Somebody else's setting of the meter for controllers, found now, which ours leaves alone; undefined for none. */
  readonly foreignMeter?: string;
}

/**
 * Makes a switch hold `wanted`, and the meter for its packets to us if one of those flows sends any: before the flows, so
 * that a flood never comes through, and away again only after them.
 *
 * @param isLater whether it was set right before: a switch that can't tell of changes is looked at then
 * @throws OPENFLOW__… when the connection ends
 */
export async function applyToSwitch(
  { flows, metering }: ObservedSwitch,
  wanted: readonly Flow[],
  isLater: boolean,
): Promise<SwitchOutcome> {
  const isMetered = wanted.some(isPunting);
  const before = isMetered ? await metering.apply(true) : "none";
  if (!flows.isWatched && isLater) await flows.refresh();
  const { sent, repaired, refused } = await flows.apply(wanted);
  if (!isMetered) await metering.apply(false);
  const meterRepairs = before === "repaired" ? ["the meter for packets to controllers was removed"] : [];
  return {
    ...{ sent, refused, repaired: [...meterRepairs, ...repaired] },
    ...(before === "found-foreign" && { foreignMeter: metering.status.reason }),
  };
}
