import { LoomstackError, type Uuid } from "@loomstack/core";
import { mutate, type Operation } from "../notation/operation.ts";
import type { NamedUuid } from "../notation/uuid.ts";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import { guarded, guardRow, makeRow, rowName, type Settings } from "./columns.ts";
import { findNamed, type Observed, type ObservedRow } from "./observed.ts";
import { changeTargets, type TargetChange } from "./targets.ts";

/** The columns of a Controller that can be set here. */
export const controllerColumns = [
  "connection_mode",
  "max_backoff",
  "inactivity_probe",
  "local_ip",
  "local_netmask",
  "local_gateway",
  "enable_async_messages",
  "controller_queue_size",
  "controller_rate_limit",
  "controller_burst_limit",
  "other_config",
  "external_ids",
] as const;

/** A bridge's OpenFlow controller (ovs-vswitchd.conf.db(5), table Controller). */
export interface ControllerSettings extends Settings<"Controller", (typeof controllerColumns)[number]> {
  /** `tcp:192.0.2.1:6653`, `ssl:…`, `ptcp:…`, `unix:…` and so on. */
  readonly target: string;
}

/** What the functions for controllers need. */
export const controllerNeeds = { Bridge: ["name", "controller"], Controller: ["target"] } as const;
export type ObservedControllers = Observed<typeof controllerNeeds>;

/**
 * What makes a bridge have exactly these controllers, as `ovs-vsctl set-controller` (`del-controller` when there are
 * none): those that it has already stay connected.
 *
 * @throws OVSDB__NO_SUCH_RECORD when there is no such bridge; OVSDB__NOT_OBSERVED, OVSDB__INVALID_VALUE
 */
export function ensureControllers(
  observed: ObservedControllers,
  bridge: string,
  controllers: readonly ControllerSettings[],
): Operation[] {
  return controllersOfBridge(observed, bridgeOf(observed, bridge), controllers);
}

/** What makes a bridge have this controller too. @throws as ensureControllers */
export function ensureController(
  observed: ObservedControllers,
  bridge: string,
  controller: ControllerSettings,
): Operation[] {
  const found = bridgeOf(observed, bridge);
  const same = new Map([...rowsOf(observed, found.row)].filter(([, { target }]) => target === controller.target));
  const { operations, added } = changeTargets("Controller", bridge, same, [controller]);
  return changeBridge(found, { operations, added, surplus: new Set() });
}

/**
 * What takes the controller of this target from a bridge; nothing when it doesn't have it. @throws as ensureControllers
 */
export function removeController(observed: ObservedControllers, bridge: string, target: string): Operation[] {
  const found = bridgeOf(observed, bridge);
  const same = new Map([...rowsOf(observed, found.row)].filter(([, row]) => row.target === target));
  return changeBridge(found, changeTargets("Controller", bridge, same, []));
}

/** As `ensureControllers`, for a bridge that was found already. */
export function controllersOfBridge(
  observed: Partial<Observed<{ readonly Controller: readonly ["target"] }>>,
  { uuid, row }: { readonly uuid: Uuid; readonly row: ObservedRow<"Bridge", "name"> },
  controllers: readonly ControllerSettings[],
): Operation[] {
  const { Controller } = observed;
  const { controller } = row;
  if (Controller === undefined) throw new LoomstackError("OVSDB__NOT_OBSERVED", { label: "Controller.target" });
  if (controller === undefined) throw new LoomstackError("OVSDB__NOT_OBSERVED", { label: "Bridge.controller" });
  const found = { uuid, row: { ...row, controller } };
  return changeBridge(found, changeTargets("Controller", row.name, rowsOf({ Controller }, found.row), controllers));
}

/** A row that a bridge of the same transaction refers to. */
export function makeController(
  bridge: string,
  settings: ControllerSettings,
): { readonly uuid: NamedUuid; readonly operation: Operation } {
  const uuid = rowName("Controller", bridge, settings.target);
  return { uuid, operation: makeRow("Controller", uuid, { ...settings }) };
}

interface FoundBridge {
  readonly uuid: Uuid;
  readonly row: ObservedRow<"Bridge", "name" | "controller">;
}

function bridgeOf(observed: ObservedControllers, name: string): FoundBridge {
  const found = findNamed(observed.Bridge, name);
  if (found !== undefined) return found;
  throw new LoomstackError("OVSDB__NO_SUCH_RECORD", { wanted: "a controller", missing: `bridge ${name}` });
}

function rowsOf(
  { Controller }: Pick<ObservedControllers, "Controller">,
  { controller }: FoundBridge["row"],
): ReadonlyMap<Uuid, ObservedRow<"Controller", "target">> {
  return new Map([...Controller].filter(([uuid]) => controller.has(uuid)));
}

function changeBridge({ uuid, row }: FoundBridge, { operations, added, surplus }: TargetChange): Operation[] {
  const change = mutate(
    openVswitch,
    "Bridge",
    [["_uuid", "==", uuid]],
    [
      ["controller", "delete", surplus],
      ["controller", "insert", added],
    ],
  );
  const isOtherSet = added.size > 0 || surplus.size > 0;
  // Two clients that add a controller at the same time would otherwise both do.
  const guard = guardRow("Bridge", uuid, { controller: row.controller });
  return guarded(guard, isOtherSet ? [...operations, change] : operations);
}
