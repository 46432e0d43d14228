/** Who calls, and what it is to an object: all that the policy asks. */
import { LoomstackError } from "@loomstack/core";
import type { Principal } from "@loomstack/model";

/** What a caller is to an object, the least first: each may do what those before it may. */
export const standings = ["nobody", "viewer", "owner", "network owner", "administrator"] as const;
export type Standing = (typeof standings)[number];

export interface Caller {
  readonly name: string;
  /** The project that it acts for. */
  readonly projectId: string | undefined;
  readonly isAdministrator: boolean;
  /** Whether it may change anything at all. */
  readonly mayWrite: boolean;
}

/** @throws NEUTRON__FORBIDDEN for one that acts for nothing, or has no role there */
export function callerOf({ user, project, isAdministrator, roles }: Principal): Caller {
  if (!isAdministrator && (project === undefined || roles.length === 0))
    throw new LoomstackError("NEUTRON__FORBIDDEN", { rule: "rule:context_is_project_reader" });
  const mayWrite = isAdministrator || roles.includes("member");
  return { name: user.name, projectId: project?.id, isAdministrator, mayWrite };
}

export function isAtLeast(standing: Standing, wanted: Standing): boolean {
  return standings.indexOf(standing) >= standings.indexOf(wanted);
}

/** What a caller is to something of a project. */
export function standingBy(caller: Caller, tenantId: string): Standing {
  if (caller.isAdministrator) return "administrator";
  return tenantId === caller.projectId ? "network owner" : "nobody";
}

/** What a caller is to something of a project that may be shared with all. */
export function standingOfShared(
  caller: Caller,
  { tenantId, shared }: { readonly tenantId: string; readonly shared: boolean },
): Standing {
  const standing = standingBy(caller, tenantId);
  return standing === "nobody" && shared ? "viewer" : standing;
}
