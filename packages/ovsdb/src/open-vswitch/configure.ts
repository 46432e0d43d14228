import { isLoomstackError } from "@loomstack/core";
import type { OvsdbClient } from "../client/client.ts";
import { stringifyJson } from "../notation/json.ts";
import type { Operation } from "../notation/operation.ts";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import { guardsFirst } from "./columns.ts";
import {
  announceChange,
  isCarriedOut,
  type ObservedProgress,
  refuseFailedInterfaces,
  touchedInterfaces,
} from "./next-cfg.ts";

/** A switch that can be seen and changed. */
export interface ConfigurableSwitch<Tables extends ObservedProgress> {
  /** A client, or a reconnecting one. */
  readonly client: Pick<OvsdbClient, "transact">;
  /** The replica whose tables these are, of the same client. */
  readonly replica: { until(predicate: () => boolean, signal?: AbortSignal): Promise<void> };
  readonly tables: Tables;
}

export interface ConfigureOptions {
  /** Gives up waiting, for ovs-vswitchd too: without it that takes as long as it takes. */
  readonly signal?: AbortSignal;
  /** Default: true. False: don't wait for ovs-vswitchd, as `ovs-vsctl --no-wait`. */
  readonly isAwaited?: boolean;
}

/** How often a change is planned anew because others changed what it was planned for. */
const attemptLimit = 10;

/**
 * Makes a switch what `plan` wants it to be, as ovs-vsctl(8) does: plans the operations from what is there, sends them
 * in one transaction, and waits until ovs-vswitchd has carried them out. When others change the same things meanwhile it
 * plans anew. It sends nothing when there is nothing to do.
 *
 * @param plan pure; such as a call of ensureBridge, or several concatenated
 * @returns whether anything was to be done
 * @throws what `plan` throws; OVSDB__INTERFACE_REFUSED when ovs-vswitchd can't set up an interface that was made or
 * changed; as OvsdbClient.transact and Replica.until
 * @example
 * await configure({ client, replica, tables: tablesOf(replica) }, (tables) => [
 *   ...ensureBridge(tables, { name: "br-int", fail_mode: "secure" }),
 *   ...ensureManager(tables, { target: "ptcp:6640:127.0.0.1" }),
 * ]);
 */
export async function configure<Tables extends ObservedProgress>(
  { client, replica, tables }: ConfigurableSwitch<Tables>,
  plan: (tables: Tables) => readonly Operation[],
  { signal, isAwaited = true }: ConfigureOptions = {},
): Promise<boolean> {
  const options = signal === undefined ? {} : { signal };
  for (let attempt = 1; ; attempt += 1) {
    const operations = guardsFirst(plan(tables));
    if (operations.length === 0) return false;
    try {
      if (!isAwaited) {
        await client.transact(openVswitch.name, operations, options);
        return true;
      }
      const announced = [...announceChange(tables), ...operations] as const;
      const [, { rows }, ...results] = await client.transact(openVswitch.name, announced, options);
      const nextCfg = rows[0]?.next_cfg ?? 0;
      await replica.until(() => isCarriedOut(tables, nextCfg), signal);
      refuseFailedInterfaces(tables, touchedInterfaces(operations, results));
      return true;
    } catch (error) {
      // Where the same is to be done as before, nobody but we can be the reason.
      if (!isConflict(error) || attempt === attemptLimit || isSame(operations, guardsFirst(plan(tables)))) throw error;
    }
  }
}

/** Whether a transaction failed because what it was planned for may have changed. */
function isConflict(error: unknown): boolean {
  return (
    isLoomstackError(error, "OVSDB__TIMED_OUT") ||
    isLoomstackError(error, "OVSDB__CONSTRAINT_VIOLATION") ||
    isLoomstackError(error, "OVSDB__REFERENTIAL_INTEGRITY_VIOLATION")
  );
}

function isSame(one: readonly Operation[], other: readonly Operation[]): boolean {
  const text = (operations: readonly Operation[]): string => stringifyJson(operations.map(({ json }) => json));
  return text(one) === text(other);
}
