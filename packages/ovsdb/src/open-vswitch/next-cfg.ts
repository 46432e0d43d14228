/**
 * How ovs-vswitchd says that it has carried out a configuration: whoever changes it adds one to Open_vSwitch.next_cfg,
 * and ovs-vswitchd copies the number to cur_cfg when it is done (ovs-vswitchd.conf.db(5)).
 */
import { LoomstackError, type Uuid } from "@loomstack/core";
import type { Integer } from "../notation/atom.ts";
import { isJsonArray, type Json } from "../notation/json.ts";
import type { CountResult, OperationResult, SelectResult } from "../notation/operation-result.ts";
import { mutate, type Operation, select } from "../notation/operation.ts";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import { type Observed, rootOf } from "./observed.ts";

/** What waiting for ovs-vswitchd needs. */
export const nextCfgNeeds = { Open_vSwitch: ["cur_cfg"], Interface: ["name", "ofport", "error"] } as const;
export type ObservedProgress = Observed<typeof nextCfgNeeds>;

/** Two operations that announce a change of configuration in its transaction; the second gives the number to wait for. */
export type Announcement = readonly [Operation<CountResult>, Operation<SelectResult<{ readonly next_cfg: Integer }>>];

/** @throws OVSDB__NOT_INITIALIZED */
export function announceChange(observed: Observed<{ readonly Open_vSwitch: readonly [] }>): Announcement {
  const where = [["_uuid", "==", rootOf(observed)]] as const;
  return [
    mutate(openVswitch, "Open_vSwitch", where, [["next_cfg", "+=", 1]]),
    select(openVswitch, "Open_vSwitch", where, ["next_cfg"]),
  ];
}

/** Whether ovs-vswitchd has carried out the change that was announced with this number. */
export function isCarriedOut({ Open_vSwitch }: Pick<ObservedProgress, "Open_vSwitch">, nextCfg: Integer): boolean {
  return [...Open_vSwitch.values()].some(({ cur_cfg }) => cur_cfg >= nextCfg);
}

/** The interfaces that operations make or change; `results` are those of the same operations. */
export function touchedInterfaces(operations: readonly Operation[], results: readonly OperationResult[]): Set<Uuid> {
  const touched = new Set<Uuid>();
  operations.forEach(({ json: { op, table, where } }, index) => {
    if (table !== "Interface" || op === "wait") return;
    const result = results[index];
    if (result !== undefined && "uuid" in result) touched.add(result.uuid);
    else for (const uuid of rowsOf(where)) touched.add(uuid);
  });
  return touched;
}

/**
 * Refuses interfaces that ovs-vswitchd couldn't set up, once it has carried out the change: it gave them no OpenFlow
 * port, and says why in Interface.error.
 *
 * @throws OVSDB__INTERFACE_REFUSED
 */
export function refuseFailedInterfaces(
  { Interface }: Pick<ObservedProgress, "Interface">,
  interfaces: Iterable<Uuid>,
): void {
  const failed = [...interfaces].flatMap((uuid) => {
    const row = Interface.get(uuid);
    return row !== undefined && (row.ofport ?? -1) === -1 ? [row] : [];
  });
  if (failed.length === 0) return;
  const reasons = failed.flatMap(({ error }) => (error === undefined || error === "" ? [] : [error]));
  throw new LoomstackError("OVSDB__INTERFACE_REFUSED", {
    interfaces: failed.map(({ name }) => name).join(", "),
    reason: reasons.length === 0 ? "it doesn't say why; see the log of ovs-vswitchd" : reasons.join("; "),
  });
}

function rowsOf(where: Json | undefined): readonly Uuid[] {
  if (!isJsonArray(where)) return [];
  return where.flatMap((condition) => {
    const [column, , value] = isJsonArray(condition) ? condition : [];
    return column === "_uuid" && isJsonArray(value) && value[0] === "uuid" ? [value[1] as Uuid] : [];
  });
}
