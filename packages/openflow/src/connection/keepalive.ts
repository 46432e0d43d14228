import type { Step } from "@loomstack/core";

/** When to ask a silent peer whether it is still there, and when to give it up. */
export interface KeepalivePolicy {
  readonly idleMs: number;
  readonly mostProbes: number;
}

/** For a switch of which nothing is known, and for one that is doing what we asked for: given up after 20 s of silence. */
export const patient: KeepalivePolicy = { idleMs: 5_000, mostProbes: 3 };
/** For a switch whose loss matters to others, while it has nothing of ours to do: given up within 5 s. */
export const prompt: KeepalivePolicy = { idleMs: 1_400, mostProbes: 2 };

export interface KeepaliveState {
  /** Echo requests since anything was last heard. */
  readonly probes: number;
  readonly probedAtMs: number;
}

export interface KeepaliveInput {
  readonly nowMs: number;
  /** When the peer was last heard. */
  readonly heardAtMs: number;
  readonly policy: KeepalivePolicy;
}

export type KeepaliveEffect = { readonly kind: "probe" } | { readonly kind: "giveUp"; readonly probes: number };

/** To be called once in a while. Anything that the peer sends counts as a sign of life, not only echo replies. */
export const keepalive: Step<KeepaliveState, KeepaliveInput, KeepaliveEffect> = (
  state,
  { nowMs, heardAtMs, policy: { idleMs, mostProbes } },
) => {
  const answered = heardAtMs >= state.probedAtMs;
  const probes = answered ? 0 : state.probes;
  const quietSinceMs = Math.max(heardAtMs, answered ? 0 : state.probedAtMs);
  if (nowMs - quietSinceMs < idleMs) return { state: { ...state, probes }, effects: [] };
  if (probes >= mostProbes) return { state: { ...state, probes }, effects: [{ kind: "giveUp", probes }] };
  return { state: { probes: probes + 1, probedAtMs: nowMs }, effects: [{ kind: "probe" }] };
};
