import type { CloudTables } from "./cloud/tables.ts";
import type { EventTables } from "./event.ts";
import type { IdentityTables } from "./identity/identity-tables.ts";
import type { NetworkTables } from "./network-tables.ts";

/** The store's own bookkeeping. */
export interface StoreTables {
  /** One row. */
  store_revision: { singleton: number; revision: number };
  /** One row. */
  controller_epoch: { singleton: number; epoch: number };
  /** One row. */
  last_tunnel_key: { singleton: number; last: number };
}

/** Every table of the store, as Kysely sees it. Truth values are 0 and 1. */
export interface Tables extends NetworkTables, CloudTables, IdentityTables, EventTables, StoreTables {}
