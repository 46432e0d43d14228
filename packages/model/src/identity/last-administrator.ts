import { LoomstackError, type Uuid } from "@loomstack/core";
import type { Tx } from "../store.ts";

/**
 * Holds that somebody is left who can give roles, after a change that takes one from a user.
 *
 * @throws MODEL__LAST_ADMINISTRATOR
 */
export async function checkAdministratorLeft({ db }: Tx, user: Uuid): Promise<void> {
  const left = await db
    .selectFrom("role_assignments")
    .innerJoin("users", "users.id", "role_assignments.user_id")
    .select("users.id")
    .where("role_assignments.project_id", "is", null)
    .where("role_assignments.role", "=", "admin")
    .where("users.enabled", "=", 1)
    .limit(1)
    .executeTakeFirst();
  if (left === undefined) throw new LoomstackError("MODEL__LAST_ADMINISTRATOR", { user });
}
