/** What is kept of every object of a network beside what makes it one: Neutron's "standard attributes". */
import type { Revision } from "@loomstack/core";
import type { Tx } from "./store.ts";

export interface StandardAttributes {
  /** Whatever its owner has to say of it. */
  readonly description: string;
  /** Words by which its owner finds it, each once. */
  readonly tags: readonly string[];
  /** When it was made, in milliseconds since the epoch. */
  readonly createdAt: number;
  /** When it was last changed, in milliseconds since the epoch. */
  readonly updatedAt: number;
  /** The revision of its last change. */
  readonly revision: Revision;
}

/** As the tables keep them. */
export interface StandardColumns {
  description: string;
  /** A JSON array. */
  tags: string;
  created_at: number;
  updated_at: number;
  revision: number;
}

/** The standard attributes of an object that is made now and is neither described nor tagged. */
export function made(tx: Tx): StandardAttributes {
  return { description: "", tags: [], createdAt: tx.now, ...changed(tx) };
}

/** What changes with every change. */
export function changed(tx: Tx): Pick<StandardAttributes, "updatedAt" | "revision"> {
  return { updatedAt: tx.now, revision: tx.revision };
}

export function standardAttributesFromRow(row: StandardColumns): StandardAttributes {
  return {
    description: row.description,
    tags: JSON.parse(row.tags) as string[],
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    revision: row.revision as Revision,
  };
}

export function standardAttributesToRow(object: StandardAttributes): StandardColumns {
  return {
    description: object.description,
    tags: JSON.stringify(object.tags),
    created_at: object.createdAt,
    updated_at: object.updatedAt,
    revision: object.revision,
  };
}
