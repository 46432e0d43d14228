import { LoomstackError, type Uuid } from "@loomstack/core";
import type { Operation } from "../notation/operation.ts";
import type { NamedUuid } from "../notation/uuid.ts";
import { changeRow, makeRow, rowName } from "./columns.ts";

/** Rows of table Controller or Manager, which are known by their target. */
export interface TargetSettings {
  readonly target: string;
}

export interface TargetChange {
  readonly operations: readonly Operation[];
  /** Rows that the parent has to refer to from now on. */
  readonly added: ReadonlySet<NamedUuid>;
  /** Rows that it has to refer to no more. */
  readonly surplus: ReadonlySet<Uuid>;
}

/**
 * What turns the rows that a parent refers to into those that are wanted. A row whose target is wanted stays, and its
 * connection with it.
 *
 * @param scope what tells the parent from others
 * @throws OVSDB__INVALID_VALUE when a target is wanted twice; OVSDB__NOT_OBSERVED
 */
export function changeTargets(
  table: "Controller" | "Manager",
  scope: string,
  present: ReadonlyMap<Uuid, TargetSettings>,
  wanted: readonly TargetSettings[],
): TargetChange {
  refuseRepeated(table, wanted);
  const surplus = new Set(present.keys());
  const added = new Set<NamedUuid>();
  const operations: Operation[] = [];
  for (const settings of wanted) {
    const found = [...present].find(([, { target }]) => target === settings.target);
    if (found === undefined) {
      const uuid = rowName(table, scope, settings.target);
      added.add(uuid);
      operations.push(makeRow(table, uuid, { ...settings }));
    } else {
      const [uuid, row] = found;
      surplus.delete(uuid);
      operations.push(...changeRow(table, uuid, { ...row }, { ...settings }));
    }
  }
  return { operations, added, surplus };
}

function refuseRepeated(table: string, wanted: readonly TargetSettings[]): void {
  const seen = new Set<string>();
  for (const { target } of wanted) {
    if (seen.has(target)) {
      throw new LoomstackError("OVSDB__INVALID_VALUE", {
        label: `${table}.target`,
        reason: `${target} is given twice`,
      });
    }
    seen.add(target);
  }
}
