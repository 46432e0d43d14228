import type { Step } from "@loomstack/core";

/**
 * Whether the peer is still there: how often the timer ticked since it was last heard. A tick after a whole interval of
 * silence asks the peer for an echo; after three such intervals the peer is given up. Ticks are counted, not
 * milliseconds: when our own process was held up for long, that is one late tick, and the peer's bytes that wait in the
 * socket are read before the next.
 */
export interface Liveness {
  readonly ticksSinceHeard: number;
}

export type LivenessInput = "heard" | "tick";
export type LivenessEffect = "probe" | "giveUp";

/** How many whole intervals of silence the peer may have. */
export const silentIntervalsAllowed = 3;

export const initialLiveness: Liveness = { ticksSinceHeard: 0 };

export const stepLiveness: Step<Liveness, LivenessInput, LivenessEffect> = ({ ticksSinceHeard }, input) => {
  if (input === "heard") return { state: initialLiveness, effects: [] };
  // The first tick ends an interval in which the peer was heard.
  const silentIntervals = ticksSinceHeard;
  const effects: readonly LivenessEffect[] =
    silentIntervals >= silentIntervalsAllowed ? ["giveUp"] : silentIntervals > 0 ? ["probe"] : [];
  return { state: { ticksSinceHeard: ticksSinceHeard + 1 }, effects };
};
