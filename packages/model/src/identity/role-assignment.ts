import { LoomstackError, type Uuid } from "@loomstack/core";
import type { Kysely } from "kysely";
import { keptQuery } from "../kept-query.ts";
import type { Tx } from "../store.ts";
import type { Tables } from "../tables.ts";
import { explainViolation } from "../violation.ts";
import type { RoleAssignmentRow } from "./identity-tables.ts";
import { checkAdministratorLeft } from "./last-administrator.ts";
import type { Role } from "./role.ts";

/** What a user is in a project. */
export interface RoleAssignment {
  readonly userId: Uuid;
  /** Null: in the system, which is every project and what belongs to none. */
  readonly projectId: Uuid | null;
  readonly role: Role;
}

/** One that is there already is fine. @throws MODEL__NOT_FOUND for a user or project that isn't there */
export async function assignRole(tx: Tx, { userId, projectId, role }: RoleAssignment): Promise<void> {
  await explainViolation(
    tx.db
      .insertInto("role_assignments")
      .values({ user_id: userId, project_id: projectId, role })
      .onConflict((conflict) => conflict.doNothing())
      .execute(),
    () => new LoomstackError("MODEL__NOT_FOUND", { resource: "user or project", id: `${userId}, ${projectId ?? ""}` }),
  );
}

/** @throws MODEL__NOT_FOUND, MODEL__LAST_ADMINISTRATOR */
export async function unassignRole(tx: Tx, { userId, projectId, role }: RoleAssignment): Promise<void> {
  const { numDeletedRows } = await tx.db
    .deleteFrom("role_assignments")
    .where("user_id", "=", userId)
    .where("project_id", projectId === null ? "is" : "=", projectId)
    .where("role", "=", role)
    .executeTakeFirst();
  if (numDeletedRows === 0n)
    throw new LoomstackError("MODEL__NOT_FOUND", { resource: `assignment of role ${role} to user`, id: userId });
  if (projectId === null && role === "admin") await checkAdministratorLeft(tx, userId);
}

/** What every user is, everywhere. */
export async function listAllRoleAssignments(db: Kysely<Tables>): Promise<RoleAssignment[]> {
  const rows = await db.selectFrom("role_assignments").selectAll().orderBy("user_id").orderBy("project_id").execute();
  return rows.map(assignmentFromRow);
}

/** What a user is, everywhere; in the system first. */
export async function listRoleAssignments(db: Kysely<Tables>, userId: Uuid): Promise<RoleAssignment[]> {
  return (await assignmentsOfUser(db, { userId })).map(assignmentFromRow);
}

const assignmentsOfUser = keptQuery((db, { userId }: { userId: string }) =>
  db.selectFrom("role_assignments").selectAll().where("user_id", "=", userId).orderBy("project_id").orderBy("role"),
);

function assignmentFromRow(row: RoleAssignmentRow): RoleAssignment {
  return { userId: row.user_id as Uuid, projectId: row.project_id as Uuid | null, role: row.role as Role };
}
