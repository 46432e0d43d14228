/** How a flow that took a packet compares with those that should be there. */
import { type Flow, flowFingerprint, flowKey } from "@loomstack/openflow";
import { isLearntCookie, isOurCookie } from "../pipeline/cookies.ts";
import type { PlannedFlow } from "../pipeline/planned-flow.ts";
import type { BridgeName } from "../pipeline/tables.ts";
import { lookUp, type Visit } from "./bridge-walk.ts";
import { flowText } from "./flow-text.ts";
import type { HeldHypervisor, HeldPorts } from "./held-hypervisor.ts";

export interface Judgement {
  /** What of ours made the flow; undefined where it isn't one of ours, or none took the packet. */
  readonly made: PlannedFlow | undefined;
  /** The flow that should have taken the packet, where another did, or none. */
  readonly missed: PlannedFlow | undefined;
  /**
   * Right; a flow of ours is missing; one of ours has been changed; one of ours took the packet that should be gone; or
   * one that isn't ours did.
   */
  readonly kind: "right" | "missing" | "changed" | "stale" | "foreign";
}

export function judge({ planned }: HeldHypervisor, bridge: BridgeName, { tableId, packet, flow }: Visit): Judgement {
  const here = planned.filter((one) => one.bridge === bridge && one.flow.tableId === tableId);
  const wanted = lookUp(
    here.map((one) => one.flow),
    tableId,
    packet,
  );
  const expected = here.find((one) => one.flow === wanted);
  if (flow === undefined)
    return { made: undefined, missed: expected, kind: expected === undefined ? "right" : "missing" };
  const known = here.find((one) => flowKey(one.flow) === flowKey(flow));
  if (known === undefined && isLearntCookie(flow.cookie)) return { made: undefined, missed: undefined, kind: "right" };
  if (known === undefined)
    return { made: undefined, missed: expected, kind: isOurCookie(flow.cookie) ? "stale" : "foreign" };
  if (!isSame(known.flow, flow)) return { made: undefined, missed: known, kind: "changed" };
  return known === expected
    ? { made: known, missed: undefined, kind: "right" }
    : { made: known, missed: expected, kind: "missing" };
}

function isSame(one: Flow, other: Flow): boolean {
  return flowFingerprint(one) === flowFingerprint(other);
}

/** What of the table isn't as it should be for this packet, in words. @param ports of the bridge */
export function deviationText(
  { flow }: Pick<Visit, "flow">,
  { kind, missed }: Judgement,
  { bridge, ports }: { readonly bridge: BridgeName; readonly ports: HeldPorts },
): string | undefined {
  const text = (one: Flow | undefined): string => (one === undefined ? "" : flowText(one, bridge, ports));
  const wanted = missed === undefined ? "" : `${text(missed.flow)} (for ${missed.owner}: ${missed.why})`;
  switch (kind) {
    case "right":
      return undefined;
    case "missing":
      return `the switch doesn't hold a flow that should be there: ${wanted}`;
    case "changed":
      return `a flow of ours is not as it should be: it is ${text(flow)}, and should be ${wanted}`;
    case "stale":
      return `the packet is taken by a flow of ours that should be gone: ${text(flow)}${wanted && `; in its place there should be ${wanted}`}`;
    case "foreign":
      return `the packet is taken by a flow that isn't ours: ${text(flow)}${wanted && `; ours for it is ${wanted}`}`;
  }
}
