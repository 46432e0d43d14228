import { LoomstackError, type Uuid } from "@loomstack/core";
import type { Kysely } from "kysely";
import type { Tx } from "../store.ts";
import type { Tables } from "../tables.ts";
import { explainViolation } from "../violation.ts";

export interface IdentityTables {
  users: UserRow;
}

export interface UserRow {
  id: string;
  name: string;
  account: string;
  role: string;
  password_hash: string;
  api_key: string;
  /** In the clear, because the signatures of requests are checked with it. */
  secret_key: string;
}

/** Someone who may call a northbound; its secrets stay in the store. */
export interface User {
  readonly id: Uuid;
  readonly name: string;
  readonly account: string;
  readonly role: UserRole;
}

export type UserRole = "admin" | "user";

/** What a new user is made of; `passwordHash` comes from `hashPassword`, which is too slow for a transaction. */
export interface NewUser extends User {
  readonly passwordHash: string;
  readonly apiKey: string;
  readonly secretKey: string;
}

/** @throws MODEL__ALREADY_EXISTS for a user of that name */
export async function createUser(tx: Tx, user: NewUser): Promise<void> {
  const { id, name, account, role, passwordHash, apiKey, secretKey } = user;
  const row = { id, name, account, role, password_hash: passwordHash, api_key: apiKey, secret_key: secretKey };
  await explainViolation(
    tx.db.insertInto("users").values(row).execute(),
    () => new LoomstackError("MODEL__ALREADY_EXISTS", { resource: "user", id: name }),
  );
}

/** @throws MODEL__NOT_FOUND */
export async function setPasswordHash(tx: Tx, name: string, passwordHash: string): Promise<void> {
  const { numUpdatedRows } = await tx.db
    .updateTable("users")
    .set({ password_hash: passwordHash })
    .where("name", "=", name)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new LoomstackError("MODEL__NOT_FOUND", { resource: "user", id: name });
}

/** A user with what proves that it is one. */
export interface UserWithSecrets extends User {
  readonly passwordHash: string;
  readonly apiKey: string;
  readonly secretKey: string;
}

export async function findUserByName(db: Kysely<Tables>, name: string): Promise<UserWithSecrets | undefined> {
  const row = await db.selectFrom("users").selectAll().where("name", "=", name).executeTakeFirst();
  return row && userFromRow(row);
}

/** For requests that are signed with the secret key that belongs to an API key. */
export async function findUserByApiKey(db: Kysely<Tables>, apiKey: string): Promise<UserWithSecrets | undefined> {
  const row = await db.selectFrom("users").selectAll().where("api_key", "=", apiKey).executeTakeFirst();
  return row && userFromRow(row);
}

/** The user without its secrets. */
export function withoutSecrets({ id, name, account, role }: User): User {
  return { id, name, account, role };
}

function userFromRow(row: UserRow): UserWithSecrets {
  return {
    id: row.id as Uuid,
    name: row.name,
    account: row.account,
    role: row.role as UserRole,
    passwordHash: row.password_hash,
    apiKey: row.api_key,
    secretKey: row.secret_key,
  };
}
