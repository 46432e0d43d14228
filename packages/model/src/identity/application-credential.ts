import { LoomstackError, type Uuid } from "@loomstack/core";
import type { Kysely } from "kysely";
import type { Tx } from "../store.ts";
import type { Tables } from "../tables.ts";
import { explainViolation } from "../violation.ts";
import type { ApplicationCredentialRow } from "./identity-tables.ts";
import type { Role } from "./role.ts";

/** A secret with which a program acts for a user, without the user's password and with no more than it needs. */
export interface ApplicationCredential {
  readonly id: Uuid;
  readonly userId: Uuid;
  /** One of the user's. */
  readonly name: string;
  readonly description: string;
  /** The only project that it acts for; null: any of the user's, and the system. */
  readonly projectId: Uuid | null;
  /** The user's roles count as far as they are among these, or implied by them. */
  readonly roles: readonly Role[];
  /** Milliseconds since the epoch; null: never. */
  readonly expiresAt: number | null;
}

export interface ApplicationCredentialWithSecret extends ApplicationCredential {
  /** From `hashPassword`. */
  readonly secretHash: string;
}

const mostOfOneUser = 100;

/** @throws MODEL__ALREADY_EXISTS, MODEL__NOT_FOUND for the user or project, MODEL__TOO_MANY_CREDENTIALS */
export async function createApplicationCredential(tx: Tx, given: ApplicationCredentialWithSecret): Promise<void> {
  const { id, userId, name, description, projectId, roles, secretHash, expiresAt } = given;
  const others = await listApplicationCredentials(tx.db, userId);
  if (others.length >= mostOfOneUser)
    throw new LoomstackError("MODEL__TOO_MANY_CREDENTIALS", { user: userId, limit: mostOfOneUser });
  const limits = { project_id: projectId, roles: JSON.stringify(roles), expires_at: expiresAt };
  const row = { id, user_id: userId, name, description, ...limits, secret_hash: secretHash };
  await explainViolation(tx.db.insertInto("application_credentials").values(row).execute(), ({ kind }) =>
    kind === "unique"
      ? new LoomstackError("MODEL__ALREADY_EXISTS", { resource: "application credential", id: name })
      : new LoomstackError("MODEL__NOT_FOUND", { resource: "user or project", id: `${userId}, ${projectId ?? ""}` }),
  );
}

/** Ends it, and every token that was issued for it. @throws MODEL__NOT_FOUND */
export async function deleteApplicationCredential(tx: Tx, id: Uuid): Promise<void> {
  const { numDeletedRows } = await tx.db.deleteFrom("application_credentials").where("id", "=", id).executeTakeFirst();
  if (numDeletedRows === 0n) throw new LoomstackError("MODEL__NOT_FOUND", { resource: "application credential", id });
}

/** By its id, or by its name among its user's. */
export async function findApplicationCredential(
  db: Kysely<Tables>,
  by: { readonly id: string } | { readonly userId: Uuid; readonly name: string },
): Promise<ApplicationCredentialWithSecret | undefined> {
  const all = db.selectFrom("application_credentials").selectAll();
  const query =
    "id" in by ? all.where("id", "=", by.id) : all.where("user_id", "=", by.userId).where("name", "=", by.name);
  const row = await query.executeTakeFirst();
  return row && { ...credentialFromRow(row), secretHash: row.secret_hash };
}

/** A user's, in the order of their names. */
export async function listApplicationCredentials(db: Kysely<Tables>, userId: Uuid): Promise<ApplicationCredential[]> {
  const query = db.selectFrom("application_credentials").selectAll().where("user_id", "=", userId);
  return (await query.orderBy("name").execute()).map(credentialFromRow);
}

export function withoutSecret({
  secretHash: _,
  ...credential
}: ApplicationCredentialWithSecret): ApplicationCredential {
  return credential;
}

/** Whether it counts no more at that time. */
export function hasExpired({ expiresAt }: Pick<ApplicationCredential, "expiresAt">, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}

function credentialFromRow(row: ApplicationCredentialRow): ApplicationCredential {
  return {
    id: row.id as Uuid,
    userId: row.user_id as Uuid,
    name: row.name,
    description: row.description,
    projectId: row.project_id as Uuid | null,
    roles: JSON.parse(row.roles) as Role[],
    expiresAt: row.expires_at,
  };
}
