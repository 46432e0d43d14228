import type { Step } from "@loomstack/core";

/** When to ask a silent peer whether it is still there, and when to give it up. */
export const keepalivePolicy = { idleMs: 5000, mostProbes: 3 } as const;

export interface KeepaliveState {
  /** Echo requests since anything was last heard. */
  readonly probes: number;
  readonly probedAtMs: number;
}

export interface KeepaliveInput {
  readonly nowMs: number;
  /** When the peer was last heard. */
  readonly heardAtMs: number;
}

export type KeepaliveEffect = { readonly kind: "probe" } | { readonly kind: "giveUp"; readonly probes: number };

/** To be called once in a while. Anything that the peer sends counts as a sign of life, not only echo replies. */
export const keepalive: Step<KeepaliveState, KeepaliveInput, KeepaliveEffect> = (state, { nowMs, heardAtMs }) => {
  const answered = heardAtMs >= state.probedAtMs;
  const probes = answered ? 0 : state.probes;
  const quietSinceMs = Math.max(heardAtMs, answered ? 0 : state.probedAtMs);
  if (nowMs - quietSinceMs < keepalivePolicy.idleMs) return { state: { ...state, probes }, effects: [] };
  if (probes >= keepalivePolicy.mostProbes)
    return { state: { ...state, probes }, effects: [{ kind: "giveUp", probes }] };
  return { state: { probes: probes + 1, probedAtMs: nowMs }, effects: [{ kind: "probe" }] };
};
