/** What can drift on a hypervisor: things of ours that others can change. */
export const driftKinds = ["flow", "bridge", "controller", "port", "interface", "external-ids", "meter"] as const;
export type DriftKind = (typeof driftKinds)[number];

/** Something of ours that was right, and that somebody else has changed. */
export interface Drift {
  readonly kind: DriftKind;
  /** In words: what it was when it was noticed. "fail_mode of bridge br-int was standalone" */
  readonly what: string;
}

/** How often things of each kind were put back. */
export type DriftCounts = Readonly<Record<DriftKind, number>>;

export const noDrift: DriftCounts = {
  flow: 0,
  bridge: 0,
  controller: 0,
  port: 0,
  interface: 0,
  "external-ids": 0,
  meter: 0,
};
