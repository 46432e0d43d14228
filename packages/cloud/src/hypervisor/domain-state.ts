import { domainState, type LibvirtDomainState, type LifecycleEvent, type TypedParameter } from "@loomstack/libvirt";
import type { DomainState } from "./hypervisor.ts";

const byLibvirtState: Readonly<Record<LibvirtDomainState, DomainState>> = {
  "no state": "running",
  running: "running",
  blocked: "running",
  paused: "paused",
  "shutting down": "stopping",
  "shut off": "stopped",
  crashed: "crashed",
  asleep: "paused",
};

/** Our state for the number of libvirt's. */
export function stateFromNumber(number: number): DomainState {
  return byLibvirtState[domainState(number)];
}

/** The state that a domain is in after a lifecycle event; none for events that are about its definition only. */
export function stateAfter({ event, detail }: LifecycleEvent): DomainState | undefined {
  switch (event) {
    case "started":
    case "resumed":
      return "running";
    case "suspended":
    case "asleep":
      return "paused";
    case "shutting down":
      return "stopping";
    case "crashed":
      return "crashed";
    case "stopped":
      return detail === "crashed" || detail === "failed" ? "crashed" : "stopped";
    case "defined":
    case "undefined":
      return undefined;
  }
}

/** The state among the statistics of a domain (libvirt-domain.h, VIR_DOMAIN_STATS_STATE_STATE). */
export function stateFromStatistics(parameters: readonly TypedParameter[]): DomainState {
  const value = parameters.find(({ field }) => field === "state.state")?.value;
  return stateFromNumber(value?.kind === "int" ? value.value : 0);
}
