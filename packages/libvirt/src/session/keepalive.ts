import type { Step } from "@loomstack/core";

/** How long a peer may be silent; libvirt's own defaults. */
export interface KeepalivePolicy {
  /** Between two looks at whether the peer has said anything. */
  readonly intervalMs: number;
  /** How many probes in a row may go unanswered. */
  readonly probes: number;
}

export const defaultKeepalive: KeepalivePolicy = { intervalMs: 5_000, probes: 5 };

export interface KeepaliveState {
  readonly policy: KeepalivePolicy;
  /** Whether the peer has said anything since the last look. */
  readonly heard: boolean;
  /** Probes sent since it last did. */
  readonly unanswered: number;
}

/** `heard`: a message came, whichever. `elapsed`: an interval is over. */
export type KeepaliveInput = "heard" | "elapsed";
export type KeepaliveEffect = { readonly kind: "probe" } | { readonly kind: "drop"; readonly silentMs: number };

export function startKeepalive(policy: KeepalivePolicy): KeepaliveState {
  return { policy, heard: true, unanswered: 0 };
}

const quiet: readonly KeepaliveEffect[] = [];

/** Probes a peer that has been silent for an interval, and drops one that answers none of its probes. */
export const stepKeepalive: Step<KeepaliveState, KeepaliveInput, KeepaliveEffect> = (state, input) => {
  if (input === "heard") return { state: state.heard ? state : { ...state, heard: true }, effects: quiet };
  if (state.heard) return { state: { ...state, heard: false, unanswered: 0 }, effects: quiet };
  if (state.unanswered < state.policy.probes)
    return { state: { ...state, unanswered: state.unanswered + 1 }, effects: [{ kind: "probe" }] };
  return { state, effects: [{ kind: "drop", silentMs: (state.unanswered + 1) * state.policy.intervalMs }] };
};
