import type { Uuid } from "@loomstack/core";
import { mutate, type Operation } from "../notation/operation.ts";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import { guarded, guardRow, type Settings } from "./columns.ts";
import { type Observed, type ObservedRow, rootOf } from "./observed.ts";
import { changeTargets, type TargetChange } from "./targets.ts";

/** The columns of a Manager that can be set here. */
export const managerColumns = [
  "connection_mode",
  "max_backoff",
  "inactivity_probe",
  "other_config",
  "external_ids",
] as const;

/** Where ovsdb-server connects to or listens (ovs-vswitchd.conf.db(5), table Manager). */
export interface ManagerSettings extends Settings<"Manager", (typeof managerColumns)[number]> {
  /** `ssl:192.0.2.1:6640`, `ptcp:6640` and so on. */
  readonly target: string;
}

/** What the functions for managers need. */
export const managerNeeds = { Open_vSwitch: ["manager_options"], Manager: ["target"] } as const;
export type ObservedManagers = Observed<typeof managerNeeds>;

/**
 * What makes the switch have exactly these managers, as `ovs-vsctl set-manager` (`del-manager` when there are none):
 * those that it has already stay connected.
 *
 * @throws OVSDB__NOT_INITIALIZED, OVSDB__NOT_OBSERVED, OVSDB__INVALID_VALUE
 */
export function ensureManagers(observed: ObservedManagers, managers: readonly ManagerSettings[]): Operation[] {
  const present = managersOf(observed);
  return changeManagers(present, changeTargets("Manager", "", present.rows, managers));
}

/** What makes the switch have this manager too. @throws as ensureManagers */
export function ensureManager(observed: ObservedManagers, manager: ManagerSettings): Operation[] {
  const present = managersOf(observed);
  const { operations, added } = changeTargets("Manager", "", withTarget(present, manager.target), [manager]);
  return changeManagers(present, { operations, added, surplus: new Set() });
}

/** What removes the manager of this target; nothing when there is none. @throws OVSDB__NOT_INITIALIZED */
export function removeManager(observed: ObservedManagers, target: string): Operation[] {
  const present = managersOf(observed);
  return changeManagers(present, changeTargets("Manager", "", withTarget(present, target), []));
}

type ManagerRows = ReadonlyMap<Uuid, ObservedRow<"Manager", "target">>;
interface Managers {
  readonly root: Uuid;
  readonly references: ReadonlySet<Uuid>;
  readonly rows: ManagerRows;
}

function managersOf(observed: ObservedManagers): Managers {
  const root = rootOf(observed);
  const references = observed.Open_vSwitch.get(root)?.manager_options ?? new Set<Uuid>();
  return { root, references, rows: new Map([...observed.Manager].filter(([uuid]) => references.has(uuid))) };
}

function withTarget({ rows }: Managers, target: string): ManagerRows {
  return new Map([...rows].filter(([, row]) => row.target === target));
}

function changeManagers({ root, references }: Managers, { operations, added, surplus }: TargetChange): Operation[] {
  const change = mutate(
    openVswitch,
    "Open_vSwitch",
    [["_uuid", "==", root]],
    [
      ["manager_options", "delete", surplus],
      ["manager_options", "insert", added],
    ],
  );
  const isOtherSet = added.size > 0 || surplus.size > 0;
  const guard = guardRow("Open_vSwitch", root, { manager_options: references });
  return guarded(guard, isOtherSet ? [...operations, change] : operations);
}
