/** Looking for planned flows, and telling of those that were found. */
import type { ExplainedFlow } from "@loomstack/model";
import type { PlannedFlow } from "../pipeline/planned-flow.ts";
import { type BridgeName, tableOf } from "../pipeline/tables.ts";
import type { ExplainedHypervisor } from "./explained-hypervisor.ts";
import { flowText } from "./flow-text.ts";
import { heldPorts } from "./held-hypervisor.ts";

/** A planned flow, and the hypervisor that should hold it. */
export interface FoundFlow {
  readonly hypervisor: ExplainedHypervisor;
  readonly planned: PlannedFlow;
}

/** All flows that these hypervisors should hold. */
export function flowsOn(hypervisors: readonly ExplainedHypervisor[]): FoundFlow[] {
  return hypervisors.flatMap((hypervisor) => [...hypervisor.planned()].map((planned) => ({ hypervisor, planned })));
}

/** The flows of these owners, those among them that count as another one's because more than one asks for them. */
export function flowsOf(hypervisors: readonly ExplainedHypervisor[], owners: readonly string[]): FoundFlow[] {
  return hypervisors.flatMap((hypervisor) => {
    const own = owners.flatMap((owner) => [...hypervisor.planned(owner)]);
    const shared = hypervisor
      .contested()
      .filter(({ flow, owners: all }) => !owners.includes(flow.owner) && owners.some((owner) => all.has(owner)));
    return [...own, ...shared.map(({ flow }) => flow)].map((planned) => ({ hypervisor, planned }));
  });
}

/** The flow of an identity, looked for among those of `owner` first; where there is none, none is computed. */
export function flowWith(
  hypervisor: ExplainedHypervisor,
  bridge: BridgeName,
  key: string,
  owner: string | undefined,
): PlannedFlow | undefined {
  if (!hypervisor.plans(bridge, key)) return undefined;
  const found = (whose?: string): PlannedFlow | undefined =>
    Iterator.from(hypervisor.planned(whose)).find((planned) => planned.bridge === bridge && planned.key === key);
  return (owner === undefined ? undefined : found(owner)) ?? found();
}

export function countText(found: readonly FoundFlow[]): string {
  if (found.length === 0) return flowsText(found);
  const places = new Set(found.map(({ hypervisor }) => hypervisor.key)).size;
  return `${flowsText(found)} on ${places === 1 ? "1 hypervisor" : `${places} hypervisors`}`;
}

export function flowsText({ length }: readonly FoundFlow[]): string {
  return length === 0 ? "no flows" : length === 1 ? "1 flow" : `${length} flows`;
}

/** In the order of hypervisors, bridges, tables and priorities. */
export function told(found: readonly FoundFlow[]): ExplainedFlow[] {
  const known = new Map([...new Set(found.map(({ hypervisor }) => hypervisor))].map((one) => [one, detailsOf(one)]));
  const rank = ({ hypervisor: { key }, planned: { bridge, flow } }: FoundFlow): readonly (string | number)[] => [
    ...[key, bridge, flow.tableId, -flow.priority],
  ];
  return [...found]
    .sort((a, b) => compared(rank(a), rank(b)))
    .map(({ hypervisor, planned: { bridge, flow, key, feature, owner, why } }) => ({
      hypervisor: hypervisor.key,
      bridge,
      table: tableOf(bridge, flow.tableId)?.name ?? String(flow.tableId),
      flow: flowText(flow, bridge, known.get(hypervisor)?.ports.get(bridge)),
      ...{ feature, owner, why },
      alsoFor: [...(known.get(hypervisor)?.owners.get(`${bridge} ${key}`) ?? [])].filter((one) => one !== owner).sort(),
    }));
}

function detailsOf(hypervisor: ExplainedHypervisor) {
  return {
    ports: heldPorts(hypervisor.observed?.bridges ?? new Map<string, never>()),
    owners: new Map(hypervisor.contested().map(({ flow, owners }) => [`${flow.bridge} ${flow.key}`, owners])),
  };
}

function compared(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  const [one, other] = [a[at], b[at]];
  return one === undefined || other === undefined ? 0 : one < other ? -1 : 1;
}
