import type { Revision, Uuid } from "@loomstack/core";
import type { HypervisorRealised, Network, ObjectRealised } from "@loomstack/model";
import type { IntentFollower } from "../intent/intent-follower.ts";
import { neededBy, type RealisedView } from "./port-status.ts";

/** How far the hypervisors that hold a network, or the network of a port, have confirmed the object's last change. */
export function objectRealised(
  follower: Pick<IntentFollower, "intent" | "revisionOf">,
  kind: "network" | "port",
  id: Uuid,
  view: RealisedView,
): ObjectRealised {
  const { intent } = follower;
  const network = intent.networks.get(kind === "network" ? id : (intent.ports.get(id)?.networkId ?? id));
  if (network === undefined)
    return { revision: 0 as Revision, realised: false, reason: `there is no such ${kind}`, hypervisors: [] };
  const revision = kind === "network" ? follower.revisionOf(id) : neededBy(intent, id);
  const hypervisors = [...view.homes(network.id)].sort().map((key) => standing(key, network, revision, view));
  // One that can't be seen may forward all the same, and holds nobody up.
  const waitedFor = hypervisors.filter(({ who, realised }) => !realised && view.isLive(who));
  return { revision, realised: waitedFor.length === 0, reason: reasonOf(hypervisors, waitedFor), hypervisors };
}

function standing(
  key: string,
  { id: network, physicalNetwork }: Network,
  revision: Revision,
  view: RealisedView,
): HypervisorRealised {
  const confirmed = view.confirmed(key);
  const about = (realised: boolean, reason: string): HypervisorRealised => ({ who: key, confirmed, realised, reason });
  if (!view.isLive(key)) return about(false, `it can't be seen: ${view.reason(key)}`);
  if (view.lacksVlan(key, network)) return about(false, "it has no local VLAN left for the network");
  const obstacle = physicalNetwork === null ? undefined : view.uplinkObstacle(key, physicalNetwork);
  if (obstacle !== undefined) return about(false, obstacle);
  if (confirmed >= revision && view.carries(key, network)) return about(true, "it has confirmed its flows");
  return about(false, `it has not confirmed its flows yet: ${view.reason(key)}`);
}

function reasonOf(all: readonly HypervisorRealised[], waitedFor: readonly HypervisorRealised[]): string {
  const [first] = waitedFor;
  if (first !== undefined) return `hypervisor ${first.who}: ${first.reason}`;
  if (all.length === 0) return "no hypervisor holds a port of the network: nothing is to be done anywhere";
  const unseen = all.filter(({ realised }) => !realised).length;
  return unseen === 0
    ? "every hypervisor concerned has confirmed its flows"
    : `every hypervisor concerned that can be seen has confirmed its flows; ${unseen} can't be seen`;
}
