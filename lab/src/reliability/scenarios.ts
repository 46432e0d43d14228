import type { Scenario } from "./scenario.ts";
import { databaseRestored, storeRestored } from "./scenarios/backups.ts";
import { cutInBundle } from "./scenarios/bundle.ts";
import { cutForAMinute, cutForASecond } from "./scenarios/connection.ts";
import { controllerKilled, controllerStopped, controllerUpgraded } from "./scenarios/controller.ts";
import { guestMigrated } from "./scenarios/migration.ts";
import {
  databaseHung,
  databaseKilled,
  databaseRestarted,
  switchHung,
  switchKilled,
  switchRestarted,
  switchRestartedKeepingFlows,
} from "./scenarios/open-vswitch.ts";

/** Everything that is measured, in the order in which it happens. */
export const scenarios: readonly Scenario[] = [
  controllerStopped,
  controllerKilled,
  controllerUpgraded,
  switchRestartedKeepingFlows,
  switchRestarted,
  switchKilled,
  databaseRestarted,
  databaseKilled,
  switchHung,
  databaseHung,
  cutForASecond,
  cutForAMinute,
  cutInBundle,
  databaseRestored,
  storeRestored,
  guestMigrated,
];
