/** Checks what somebody shows to prove who they are. */
import type { Clock } from "@loomstack/core";
import type { Store } from "../store.ts";
import {
  type ApplicationCredentialWithSecret,
  findApplicationCredential,
  hasExpired,
  withoutSecret,
} from "./application-credential.ts";
import type { LoginAttempts } from "./login-attempts.ts";
import type { LoginMethod, Proven, WantedScope } from "./principal.ts";
import { SecretChecks } from "./secret-checks.ts";
import { findToken, type Token } from "./token.ts";
import { findUser, findUserByName, type UserWithSecrets } from "./user.ts";

export type UserReference = { readonly id: string } | { readonly name: string };

export interface PasswordProof {
  readonly method: "password";
  readonly user: UserReference;
  readonly password: string;
}

export interface TokenProof {
  readonly method: "token";
  readonly token: string;
}

export interface CredentialProof {
  readonly method: "application_credential";
  readonly credential: { readonly id: string } | { readonly name: string; readonly user: UserReference };
  readonly secret: string;
}

/** What somebody shows, by the methods that Keystone has. */
export type Proof = PasswordProof | TokenProof | CredentialProof;

export interface HowProven {
  /** From the first time on: a token has those of the login that it was issued for. */
  readonly methods: readonly LoginMethod[];
  /** When the token was issued that was shown; undefined for what isn't one. Milliseconds since the epoch. */
  readonly issuedAt: number | undefined;
  /** Milliseconds since the epoch; undefined: as long as the secret counts. */
  readonly expiresAt: number | undefined;
}

/** Whom a proof has proven, and what they want to act for who say nothing else. */
export interface ProofOutcome extends Proven, HowProven {
  readonly scope: WantedScope;
}

export class Proofs {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #attempts: LoginAttempts;
  readonly #secrets: SecretChecks;

  constructor(store: Store, clock: Clock, attempts: LoginAttempts) {
    this.#store = store;
    this.#clock = clock;
    this.#attempts = attempts;
    this.#secrets = new SecretChecks(attempts);
  }

  /** Undefined for a proof of nobody. @throws MODEL__TOO_MANY_ATTEMPTS */
  async prove(proof: Proof, remoteAddress: string): Promise<ProofOutcome | undefined> {
    switch (proof.method) {
      case "password":
        return this.#password(proof, remoteAddress);
      case "token":
        return this.#token(proof, remoteAddress);
      case "application_credential":
        return this.#credential(proof, remoteAddress);
    }
  }

  async #password(proof: PasswordProof, remoteAddress: string): Promise<ProofOutcome | undefined> {
    const user = await this.#findUser(proof.user);
    const owner = `user ${user?.id ?? JSON.stringify(proof.user)}`;
    const hash = user?.enabled === true ? user.passwordHash : undefined;
    const isRight = await this.#secrets.isRight({ owner, secret: proof.password, hash, remoteAddress });
    if (!isRight || user === undefined) return undefined;
    return {
      user,
      credential: undefined,
      methods: ["password"],
      issuedAt: undefined,
      expiresAt: undefined,
      scope: "default",
    };
  }

  async #credential(proof: CredentialProof, remoteAddress: string): Promise<ProofOutcome | undefined> {
    const credential = await this.#findCredential(proof.credential);
    const user = credential && (await findUser(this.#store.db, credential.userId));
    const counts = credential !== undefined && user?.enabled === true && !hasExpired(credential, this.#clock.now());
    const owner = `application credential ${credential?.id ?? JSON.stringify(proof.credential)}`;
    const hash = counts ? credential.secretHash : undefined;
    const isRight = await this.#secrets.isRight({ owner, secret: proof.secret, hash, remoteAddress });
    if (!isRight || !counts) return undefined;
    const expiresAt = credential.expiresAt ?? undefined;
    const methods = ["application_credential"] as const;
    const known = { methods, issuedAt: undefined, expiresAt };
    return { user, credential: withoutSecret(credential), ...known, scope: "default" };
  }

  async #token({ token }: TokenProof, remoteAddress: string): Promise<ProofOutcome | undefined> {
    const outcome = await this.readToken(token);
    if (outcome === undefined) this.#attempts.fail(remoteAddress);
    return outcome;
  }

  /** Whom a token proves that counts; for who has proven already that it may ask. */
  async readToken(text: string): Promise<ProofOutcome | undefined> {
    const token = await findToken(this.#store.db, text, this.#clock.now());
    const proven = token && (await this.#behind(token));
    if (token === undefined || proven === undefined) return undefined;
    const { methods, issuedAt, expiresAt } = token;
    return { ...proven, methods, issuedAt, expiresAt, scope: scopeOf(token) };
  }

  /** Whose a token is; a token of a credential that goes at this moment is nobody's. */
  async #behind({ userId, credentialId }: Token): Promise<Proven | undefined> {
    const { db } = this.#store;
    const user = await findUser(db, userId);
    if (user === undefined || credentialId === null) return user && { user, credential: undefined };
    const credential = await findApplicationCredential(db, { id: credentialId });
    return credential && { user, credential: withoutSecret(credential) };
  }

  async #findUser(reference: UserReference): Promise<UserWithSecrets | undefined> {
    const { db } = this.#store;
    return "id" in reference ? findUser(db, reference.id) : findUserByName(db, reference.name);
  }

  async #findCredential(
    reference: CredentialProof["credential"],
  ): Promise<ApplicationCredentialWithSecret | undefined> {
    const { db } = this.#store;
    if ("id" in reference) return findApplicationCredential(db, reference);
    const user = await this.#findUser(reference.user);
    return user && findApplicationCredential(db, { userId: user.id, name: reference.name });
  }
}

function scopeOf({ scope, projectId }: Token): WantedScope {
  if (scope !== "project") return scope;
  return projectId === null ? "none" : { projectId };
}
