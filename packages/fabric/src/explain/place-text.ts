/** What the places of a packet are called in verdicts and remarks. */
import { type BridgeName, tableOf } from "../pipeline/tables.ts";

export interface NamedPlace {
  readonly hypervisor: string;
  readonly bridge: BridgeName;
}

/** As the pipeline has it; its number where it is none of the pipeline's. */
export function tableName({ bridge }: NamedPlace, { tableId }: { readonly tableId: number }): string {
  return tableOf(bridge, tableId)?.name ?? String(tableId);
}

export function tableText(place: NamedPlace, visit: { readonly tableId: number }): string {
  return `${whereText(place)} table ${tableName(place, visit)}`;
}

export function whereText({ hypervisor, bridge }: NamedPlace): string {
  return `${hypervisor}, ${bridge}`;
}
