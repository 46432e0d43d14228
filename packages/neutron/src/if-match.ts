import { LoomstackError } from "@loomstack/core";
import type { Identified } from "./resource.ts";

/**
 * Holds a change to the revision that its client has seen: `If-Match: revision_number=7`.
 *
 * @throws NEUTRON__STALE; NEUTRON__MALFORMED for any other condition
 */
export function demandRevision(header: string | undefined, { revision }: Identified): void {
  if (header === undefined) return;
  const wanted = /^"?revision_number=(\d+)"?$/.exec(header.trim())?.[1];
  if (wanted === undefined)
    throw new LoomstackError("NEUTRON__MALFORMED", {
      reason: "Bad if-match request: 'If-Match' has to be revision_number=<number>.",
    });
  if (Number(wanted) !== revision) throw new LoomstackError("NEUTRON__STALE", { wanted, current: revision ?? 0 });
}
