import type { Uuid } from "@loomstack/core";
import type { Store, Tx } from "@loomstack/model";
import type { z } from "zod";

/** An object as it goes over the wire. */
export type Members = Readonly<Record<string, unknown>>;

/**
 * What the routes of a Neutron resource need to know of it: its names, how its requests become intent, and how intent
 * is told.
 */
export interface Resource<Value, New, Patch> {
  readonly singular: string;
  readonly plural: string;
  /** The members by which a list can be filtered. */
  readonly filters: readonly string[];
  /** A member of the body of a POST, read into intent. */
  readonly creation: z.ZodType<New>;
  /** The member of the body of a PUT, read into what is to change. */
  readonly change: z.ZodType<Patch>;
  list(db: Store["db"]): Promise<readonly Value[]>;
  /** @throws MODEL__NOT_FOUND */
  get(db: Store["db"], id: Uuid): Promise<Value>;
  create(tx: Tx, wanted: New): Promise<Value>;
  update(tx: Tx, id: Uuid, patch: Patch): Promise<Value>;
  remove(tx: Tx, id: Uuid): Promise<void>;
  /** The objects as they go over the wire, in the same order. */
  present(db: Store["db"], values: readonly Value[]): Promise<readonly Members[]>;
  /** Waits until the object is as asked for on every hypervisor that it concerns, or `signal` aborts. */
  settled(value: Value, signal: AbortSignal): Promise<unknown>;
}
