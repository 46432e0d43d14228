/** The attributes that every object has (Neutron's standard attributes), whatever else it is. */
import type { Uuid } from "@loomstack/core";
import type { StandardAttributes } from "@loomstack/model";
import { z } from "zod";
import { label } from "./members.ts";

/** What objects with standard attributes are shown from. */
interface Standard extends StandardAttributes {
  readonly id: Uuid;
  readonly name: string;
  readonly tenantId: string;
}

/** How many tags an object may have. */
const tagLimit = 50;

/** A word by which an object is found; as long as in Neutron, without what separates tags in a query. */
export const tag = label
  .max(60)
  .min(1)
  .refine((text) => !/[,/]/.test(text), "a tag has neither ',' nor '/'");

export const tags = z
  .array(tag)
  .max(tagLimit)
  .transform((given) => [...new Set(given)].sort());

/**
 * Declares them.
 *
 * @param of finds the object in what answers are shown from
 */

export function standardAttributes<Shown>(of: (shown: Shown) => Standard) {
  return {
    id: { show: (shown: Shown) => of(shown).id },
    name: { show: (shown: Shown) => of(shown).name, post: label.default(""), put: label },
    tenant_id: {
      show: (shown: Shown) => of(shown).tenantId,
      post: label.optional(),
    },
    description: {
      show: (shown: Shown) => of(shown).description,
      post: label.default(""),
      put: label,
    },
    created_at: { show: (shown: Shown) => timestamp(of(shown).createdAt) },
    updated_at: { show: (shown: Shown) => timestamp(of(shown).updatedAt) },
    revision_number: { show: (shown: Shown) => of(shown).revision },
    // Queries name tags in a way of their own.
    tags: { show: (shown: Shown) => of(shown).tags, filter: false },
  } as const;
}

/** As Neutron writes it: seconds, in UTC. */
export function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
