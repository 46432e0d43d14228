import { formatFlow } from "@loomstack/openflow";
import type { FlowChange, FlowSet } from "../reconcile/diff-flows.ts";

/**
 * Changes that belong together: one alone, or an addition with the deletion of what it replaces, which is the same
 * static flow (the same cookie) with the match that it had before. What was there stays until its successor is taken.
 */
export type FlowStep = readonly [FlowChange, ...FlowChange[]];

/** The changes in steps, in their order. */
export function flowSteps(changes: readonly FlowChange[]): FlowStep[] {
  const removals = Map.groupBy(
    changes.filter(({ command }) => command === "delete-strict"),
    ({ flow }) => flow.flow.cookie,
  );
  const additions = changes
    .filter(({ command }) => command === "add")
    .map((addition): FlowStep => {
      const { cookie } = addition.flow.flow;
      const replaced = removals.get(cookie) ?? [];
      removals.delete(cookie);
      return [addition, ...replaced];
    });
  const alone = [...removals.values()].flat().map((removal): FlowStep => [removal]);
  return [...additions, ...alone];
}

/**
 * What was right after the last application, and isn't any more, as ovs-ofctl text: flows gone or changed, and flows put
 * in.
 *
 * @param applied what the last application has left
 */
export function foreignChanges(desired: FlowSet, ours: FlowSet, applied: FlowSet): string[] {
  const broken = [...desired].filter(
    ([key, flow]) =>
      applied.get(key)?.fingerprint === flow.fingerprint && ours.get(key)?.fingerprint !== flow.fingerprint,
  );
  const added = applied.size === 0 ? [] : [...ours].filter(([key]) => !desired.has(key) && !applied.has(key));
  return [
    ...broken.map(([, { flow }]) => `${formatFlow(flow)} was changed or deleted`),
    ...added.map(([, { flow }]) => `${formatFlow(flow)} was added`),
  ];
}
