import { LoomstackError, type Uuid } from "@loomstack/core";
import type { Kysely } from "kysely";
import { keptQuery } from "../kept-query.ts";
import type { Tx } from "../store.ts";
import type { Tables } from "../tables.ts";
import { explainViolation } from "../violation.ts";
import type { UserRow } from "./identity-tables.ts";
import { checkAdministratorLeft } from "./last-administrator.ts";
import { revokeTokensOf } from "./token.ts";

/** Someone who may call a northbound; its secrets stay in the store. */
export interface User {
  readonly id: Uuid;
  readonly name: string;
  readonly description: string;
  /** One that isn't is nobody. */
  readonly enabled: boolean;
  /** The project that it acts for when it doesn't say. */
  readonly projectId: Uuid;
  /** The name of that project. */
  readonly account: string;
  /** An administrator is one of the whole system. */
  readonly role: UserRole;
}

export type UserRole = "admin" | "user";

/** What a new user is made of; `passwordHash` comes from `hashPassword`, which is too slow for a transaction. */
export interface NewUser extends UserSecrets, Pick<User, "id" | "name" | "projectId"> {
  /** Default: "". */
  readonly description?: string;
  /** Default: true. */
  readonly enabled?: boolean;
}

/** What proves that a user is one. */
export interface UserSecrets {
  readonly passwordHash: string;
  readonly apiKey: string;
  readonly secretKey: string;
}

export interface UserWithSecrets extends User, UserSecrets {}

/** It has no role yet. @throws MODEL__ALREADY_EXISTS for a user of that name; MODEL__NOT_FOUND for its project */
export async function createUser(tx: Tx, user: NewUser): Promise<void> {
  const { id, name, description = "", enabled = true, projectId, passwordHash, apiKey, secretKey } = user;
  const secrets = { password_hash: passwordHash, api_key: apiKey, secret_key: secretKey };
  const row = { id, name, description, enabled: Number(enabled), project_id: projectId, ...secrets };
  await explainViolation(tx.db.insertInto("users").values(row).execute(), ({ kind }) =>
    kind === "unique"
      ? new LoomstackError("MODEL__ALREADY_EXISTS", { resource: "user", id: name })
      : new LoomstackError("MODEL__NOT_FOUND", { resource: "project", id: projectId }),
  );
}

export interface UserPatch extends Partial<Pick<User, "description" | "enabled" | "projectId">> {
  readonly passwordHash?: string;
}

/**
 * Changes a user; its tokens end with its password, and when it is disabled.
 *
 * @throws MODEL__NOT_FOUND for the user or its project; MODEL__LAST_ADMINISTRATOR
 */
export async function updateUser(tx: Tx, id: Uuid, patch: UserPatch): Promise<void> {
  const before = await findUser(tx.db, id);
  if (!before) throw new LoomstackError("MODEL__NOT_FOUND", { resource: "user", id });
  const { description, enabled, projectId, passwordHash } = { ...before, ...patch };
  const row = { description, enabled: Number(enabled), project_id: projectId, password_hash: passwordHash };
  await explainViolation(
    tx.db.updateTable("users").set(row).where("id", "=", id).execute(),
    () => new LoomstackError("MODEL__NOT_FOUND", { resource: "project", id: projectId }),
  );
  if (!enabled || passwordHash !== before.passwordHash) await revokeTokensOf(tx, id);
  if (!enabled && before.role === "admin") await checkAdministratorLeft(tx, id);
}

/**
 * Removes a user with its roles, its application credentials and its tokens.
 *
 * @throws MODEL__NOT_FOUND, MODEL__LAST_ADMINISTRATOR
 */
export async function deleteUser(tx: Tx, id: Uuid): Promise<void> {
  const before = await findUser(tx.db, id);
  if (!before) throw new LoomstackError("MODEL__NOT_FOUND", { resource: "user", id });
  await tx.db.deleteFrom("users").where("id", "=", id).execute();
  if (before.role === "admin") await checkAdministratorLeft(tx, id);
}

export async function findUser(db: Kysely<Tables>, id: string): Promise<UserWithSecrets | undefined> {
  const [row] = await usersById(db, { id });
  return row && userFromRow(row);
}

export async function findUserByName(db: Kysely<Tables>, name: string): Promise<UserWithSecrets | undefined> {
  const [row] = await usersByName(db, { name });
  return row && userFromRow(row);
}

/** For requests that are signed with the secret key that belongs to an API key. */
export async function findUserByApiKey(db: Kysely<Tables>, apiKey: string): Promise<UserWithSecrets | undefined> {
  const row = await selectUsers(db).where("api_key", "=", apiKey).executeTakeFirst();
  return row && userFromRow(row);
}

/** In the order of their names. */
export async function listUsers(db: Kysely<Tables>): Promise<User[]> {
  return (await selectUsers(db).orderBy("users.name").execute()).map((row) => withoutSecrets(userFromRow(row)));
}

/** The user without its secrets. */
export function withoutSecrets({ id, name, description, enabled, projectId, account, role }: User): User {
  return { id, name, description, enabled, projectId, account, role };
}

// Asked for with every call of a northbound.
const usersById = keptQuery((db, { id }: { id: string }) => selectUsers(db).where("users.id", "=", id));
const usersByName = keptQuery((db, { name }: { name: string }) => selectUsers(db).where("users.name", "=", name));

function selectUsers(db: Kysely<Tables>) {
  return db
    .selectFrom("users")
    .innerJoin("projects", "projects.id", "users.project_id")
    .selectAll("users")
    .select((row) => [
      "projects.name as account",
      row
        .selectFrom("role_assignments")
        .select("role")
        .whereRef("role_assignments.user_id", "=", "users.id")
        .where("role_assignments.project_id", "is", null)
        .where("role", "=", "admin")
        .as("role"),
    ]);
}

function userFromRow(row: UserRow & { readonly account: string; readonly role: string | null }): UserWithSecrets {
  return {
    id: row.id as Uuid,
    name: row.name,
    description: row.description,
    enabled: row.enabled === 1,
    projectId: row.project_id as Uuid,
    account: row.account,
    role: row.role === null ? "user" : "admin",
    passwordHash: row.password_hash,
    apiKey: row.api_key,
    secretKey: row.secret_key,
  };
}
