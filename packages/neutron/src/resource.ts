import type { Uuid } from "@loomstack/core";
import type { QuotaResource, StandardAttributes, Store, Tx } from "@loomstack/model";
import type { Attributes, Posted, Put } from "./attributes/attribute.ts";
import type { ListQuery } from "./lists/query.ts";
import type { Names } from "./attributes/body.ts";
import type { Caller, Standing } from "./caller.ts";

/** What every object of ours has. */
export interface Identified extends Partial<Pick<StandardAttributes, "revision" | "tags">> {
  readonly id: Uuid;
}

type Db = Store["db"];

/** What the routes of a resource need to know of it: its names, its attributes, and how requests reach intent. */
export interface Resource<Value extends Identified, Shown, Declared extends Attributes<Shown>> extends Names {
  readonly attributes: Declared;
  /**
   * At least those that the filters of a list leave, which are applied to them again.
   *
   * @param filters by attribute, the values of which an object has to have one
   */
  list(db: Db, filters: ListQuery["filters"]): Promise<readonly Value[]>;
  /** @throws MODEL__NOT_FOUND */
  get(db: Db, id: Uuid): Promise<Value>;
  /** What limits how many of them a project may have; absent: nothing. */
  readonly quota?: QuotaResource;
  /** What the caller is to each object that there is now. */
  standings(db: Db, caller: Caller): Promise<(value: Value) => Standing>;
  /** What the caller is to an object that it wants to make. @throws MODEL__NOT_FOUND for what it can't see */
  standingToCreate(db: Db, caller: Caller, wanted: Posted<Declared>): Promise<Standing>;
  create(tx: Tx, wanted: Posted<Declared>, tenantId: string): Promise<Value>;
  update(tx: Tx, value: Value, patch: Put<Declared>, caller: Caller): Promise<Value>;
  /** Absent for what has no tags. */
  readonly tag?: (tx: Tx, value: Value, tags: readonly string[]) => Promise<Value>;
  remove(tx: Tx, id: Uuid): Promise<void>;
  /** What answers show, in the same order. */
  present(db: Db, values: readonly Value[]): Promise<readonly Shown[]>;
}
