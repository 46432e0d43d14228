/** Who calls, for what, and what it may do there. */
import type { Uuid } from "@loomstack/core";
import type { Kysely } from "kysely";
import type { Tables } from "../tables.ts";
import type { ApplicationCredential } from "./application-credential.ts";
import { findProject, findProjectByName, type Project } from "./project.ts";
import { listRoleAssignments, type RoleAssignment } from "./role-assignment.ts";
import { type Role, withImplied } from "./role.ts";
import type { User } from "./user.ts";

/** How a user was proven, as Keystone calls it. */
export type LoginMethod = "password" | "token" | "application_credential";

/** The user whom a request proves, and what it acts for. */
export interface Principal {
  readonly user: User;
  /** For one project; for the whole system; for none, which is good for nothing but choosing. */
  readonly scope: "project" | "system" | "none";
  /** The project of scope "project". */
  readonly project: Project | undefined;
  /** What it is there, with what that implies; strongest first. */
  readonly roles: readonly Role[];
  /** Whether it is `admin` in the system, whichever project it acts for now. */
  readonly isAdministrator: boolean;
  /** What it may do no more than. */
  readonly credential: ApplicationCredential | undefined;
}

/** What somebody wants to act for. */
export type WantedScope =
  | { readonly projectId: string }
  | { readonly projectName: string }
  | "system"
  | "none"
  /** The user's own project, or that of the credential; where it has no role there, the system. */
  | "default";

/** A user who has been proven. */
export interface Proven {
  readonly user: User;
  /** What proved it, when that limits what the user may do. */
  readonly credential: ApplicationCredential | undefined;
}

/**
 * What a user who has been proven may do; undefined when it may not act for what it wants to: it is disabled, has no role
 * there, the project is disabled, or the credential is bound to another.
 */
export async function principalOf(
  db: Kysely<Tables>,
  { user, credential }: Proven,
  wanted: WantedScope,
): Promise<Principal | undefined> {
  if (!user.enabled) return undefined;
  const bound = credential?.projectId ?? undefined;
  const grants = { user, credential, bound, assignments: await listRoleAssignments(db, user.id) };
  if (wanted === "none") return forNone(grants);
  if (wanted === "system") return forSystem(grants);
  if (wanted !== "default") return forProject(grants, await findWanted(db, wanted));
  const own = forProject(grants, await findProject(db, bound ?? user.projectId));
  return own ?? (bound === undefined ? (forSystem(grants) ?? forNone(grants)) : undefined);
}

interface Grants extends Proven {
  /** The only project of the credential. */
  readonly bound: Uuid | undefined;
  readonly assignments: readonly RoleAssignment[];
}

function forProject(grants: Grants, project: Project | undefined): Principal | undefined {
  if (project?.enabled !== true || (grants.bound ?? project.id) !== project.id) return undefined;
  const roles = rolesIn(grants, project.id);
  return roles.length === 0 ? undefined : { ...known(grants), scope: "project", project, roles };
}

function forSystem(grants: Grants): Principal | undefined {
  const roles = rolesInSystem(grants);
  return roles.length === 0 ? undefined : { ...known(grants), scope: "system", project: undefined, roles };
}

function forNone(grants: Grants): Principal {
  return { ...known(grants), scope: "none", project: undefined, roles: [], isAdministrator: false };
}

function known(grants: Grants): Pick<Principal, "user" | "credential" | "isAdministrator"> {
  const { user, credential } = grants;
  return { user, credential, isAdministrator: rolesInSystem(grants).includes("admin") };
}

/** A credential of one project is good for nothing beyond it. */
function rolesInSystem(grants: Grants): readonly Role[] {
  return grants.bound === undefined ? rolesIn(grants, null) : [];
}

function rolesIn({ assignments, credential }: Grants, projectId: Uuid | null): readonly Role[] {
  const assigned = assignments.filter((each) => each.projectId === null || each.projectId === projectId);
  const roles = withImplied(assigned.map(({ role }) => role));
  return credential === undefined ? roles : roles.filter((role) => withImplied(credential.roles).includes(role));
}

async function findWanted(
  db: Kysely<Tables>,
  wanted: { readonly projectId: string } | { readonly projectName: string },
): Promise<Project | undefined> {
  return "projectId" in wanted ? findProject(db, wanted.projectId) : findProjectByName(db, wanted.projectName);
}
