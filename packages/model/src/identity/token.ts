/**
 * Tokens: what proves a principal for a while, in place of a secret that lasts. The store has a hash of each. That is a
 * fast one, since a token has 256 bits of chance: there is nothing to try.
 */
import { createHash, randomBytes } from "node:crypto";
import { LoomstackError, type Uuid } from "@loomstack/core";
import type { Kysely } from "kysely";
import { keptQuery } from "../kept-query.ts";
import type { Tx } from "../store.ts";
import type { Tables } from "../tables.ts";
import { explainViolation } from "../violation.ts";
import type { TokenRow } from "./identity-tables.ts";
import type { LoginMethod, Principal } from "./principal.ts";

/** What is known of a token. */
export interface Token {
  readonly userId: Uuid;
  readonly scope: Principal["scope"];
  /** Of scope "project". */
  readonly projectId: Uuid | null;
  /** What proved the user, when it limits what the user may do. */
  readonly credentialId: Uuid | null;
  /** How the user was proven, from the first time on. */
  readonly methods: readonly LoginMethod[];
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Of one user; with one more the one that expires soonest ends. */
export const tokensOfOneUser = 500;

/**
 * Issues a token, and says it for the only time. Whatever has expired goes.
 *
 * @throws MODEL__NOT_FOUND when what it is for has gone
 */
export async function issueToken(tx: Tx, token: Token): Promise<string> {
  // Never with a dash in front, for which command lines take it as an option.
  const text = randomBytes(32).toString("hex");
  await tx.db.deleteFrom("tokens").where("expires_at", "<=", token.issuedAt).execute();
  const row = tokenToRow(hashOf(text), token);
  await explainViolation(
    tx.db.insertInto("tokens").values(row).execute(),
    () => new LoomstackError("MODEL__NOT_FOUND", { resource: "user, project or credential of user", id: token.userId }),
  );
  const surplus = tx.db
    .selectFrom("tokens")
    .select("hash")
    .where("user_id", "=", token.userId)
    .orderBy("expires_at", "desc")
    .orderBy("issued_at", "desc")
    .limit(-1)
    .offset(tokensOfOneUser);
  await tx.db.deleteFrom("tokens").where("hash", "in", surplus).execute();
  return text;
}

/** The token of that text, unless it has expired at `now`. */
export async function findToken(db: Kysely<Tables>, text: string, now: number): Promise<Token | undefined> {
  const [row] = await tokensInForce(db, { hash: hashOf(text), now });
  return row && tokenFromRow(row);
}

const tokensInForce = keptQuery((db, { hash, now }: { hash: string; now: number }) =>
  db.selectFrom("tokens").selectAll().where("hash", "=", hash).where("expires_at", ">", now),
);

/** One that isn't there is fine. */
export async function revokeToken(tx: Tx, text: string): Promise<void> {
  await tx.db.deleteFrom("tokens").where("hash", "=", hashOf(text)).execute();
}

export async function revokeTokensOf(tx: Tx, userId: Uuid): Promise<void> {
  await tx.db.deleteFrom("tokens").where("user_id", "=", userId).execute();
}

/** To look one up by a hash tells nothing of it by the time that takes: nobody can choose what is compared. */
function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

function tokenToRow(hash: string, token: Token): TokenRow {
  return {
    hash,
    user_id: token.userId,
    scope: token.scope,
    project_id: token.projectId,
    application_credential_id: token.credentialId,
    methods: JSON.stringify(token.methods),
    issued_at: token.issuedAt,
    expires_at: token.expiresAt,
  };
}

function tokenFromRow(row: TokenRow): Token {
  return {
    userId: row.user_id as Uuid,
    scope: row.scope as Token["scope"],
    projectId: row.project_id as Uuid | null,
    credentialId: row.application_credential_id as Uuid | null,
    methods: JSON.parse(row.methods) as LoginMethod[],
    issuedAt: row.issued_at,
    expiresAt: row.expires_at,
  };
}
