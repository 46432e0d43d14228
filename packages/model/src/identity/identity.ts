/**
 * Who calls: what every northbound asks, whatever it is shown.
 *
 *     headers ──► proof ──► user, and what limits it ──► principal: what it acts for, and its roles there
 *                                                            └──► token, which proves the same for a while
 */
import { type Clock, LoomstackError, type Uuid } from "@loomstack/core";
import type { Store } from "../store.ts";
import { LoginAttempts } from "./login-attempts.ts";
import { type Principal, principalOf, type Proven, type WantedScope } from "./principal.ts";
import { type HowProven, type Proof, type ProofOutcome, Proofs } from "./proofs.ts";
import { type ProvingHeaders, shownProof } from "./shown-proof.ts";
import { issueToken, revokeToken, type Token } from "./token.ts";
import { findUser, withoutSecrets } from "./user.ts";

/** A principal, and how it was proven. */
export interface Login extends HowProven {
  readonly principal: Principal;
}

export interface IssuedToken extends Token {
  /** The token itself, which is kept nowhere. */
  readonly text: string;
}

/**
 * The principal whom the headers of a request prove; what it may do is for each northbound to say.
 *
 * @throws NORTHBOUND__UNAUTHORIZED when they prove nobody; MODEL__TOO_MANY_ATTEMPTS
 */
export type Authenticate = (headers: ProvingHeaders, remoteAddress: string) => Promise<Principal>;

/** The users of the store, as northbounds need them. */
export interface Identity {
  readonly authenticate: Authenticate;
  /**
   * Whom a proof proves; undefined for nobody, and for somebody who may not act for what is wanted.
   *
   * @param wanted default: what a token is for, or the user's own project
   * @throws MODEL__TOO_MANY_ATTEMPTS
   */
  readonly logIn: (proof: Proof, remoteAddress: string, wanted?: WantedScope) => Promise<Login | undefined>;
  /** Whom a token proves that somebody else has shown; a wrong one doesn't count as an attempt. */
  readonly readToken: (text: string) => Promise<Login | undefined>;
  /** The principal that a user is by default, for proofs that a northbound keeps or checks itself. */
  readonly principalOfUser: (id: Uuid) => Promise<Principal | undefined>;
  /** Counts such a proof that failed. @throws MODEL__TOO_MANY_ATTEMPTS */
  readonly countFailure: (remoteAddress: string) => void;
  /** A token that proves what a login has, for no longer than that. @throws MODEL__NOT_FOUND when that has gone */
  readonly issueToken: (login: Login) => Promise<IssuedToken>;
  /** Ends a token; one that isn't there is fine. */
  readonly revokeToken: (text: string) => Promise<void>;
}

export interface IdentityOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Default: an hour, as Keystone has it. */
  readonly tokenLifetimeMs?: number;
}

export function createIdentity({ store, clock, tokenLifetimeMs = 3_600_000 }: IdentityOptions): Identity {
  const attempts = new LoginAttempts(clock);
  const proofs = new Proofs(store, clock, attempts);

  const principal = async ({ user, credential }: Proven, wanted: WantedScope): Promise<Principal | undefined> =>
    principalOf(store.db, { user: withoutSecrets(user), credential }, wanted);

  const loginOf = async (proven: ProofOutcome | undefined, wanted?: WantedScope): Promise<Login | undefined> => {
    const found = proven && (await principal(proven, wanted ?? proven.scope));
    if (proven === undefined || found === undefined) return undefined;
    const { methods, issuedAt, expiresAt } = proven;
    return { principal: found, methods, issuedAt, expiresAt };
  };

  const logIn: Identity["logIn"] = async (proof, remoteAddress, wanted) =>
    loginOf(await proofs.prove(proof, remoteAddress), wanted);

  return {
    logIn,
    readToken: async (text) => loginOf(await proofs.readToken(text)),
    async authenticate(headers, remoteAddress) {
      const proof = shownProof(headers);
      const login = proof && (await logIn(proof, remoteAddress));
      if (!login) throw new LoomstackError("NORTHBOUND__UNAUTHORIZED");
      return login.principal;
    },
    async principalOfUser(id) {
      const user = await findUser(store.db, id);
      return user && principal({ user, credential: undefined }, "default");
    },
    countFailure: (remoteAddress) => attempts.fail(remoteAddress),
    async issueToken(login) {
      const token = tokenOf(login, clock.now(), tokenLifetimeMs);
      // Who loses one with the machine logs in again.
      const { result: text } = await store.observe((tx) => issueToken(tx, token));
      return { ...token, text };
    },
    async revokeToken(text) {
      await store.transact((tx) => revokeToken(tx, text));
    },
  };
}

function tokenOf({ principal, methods, expiresAt = Infinity }: Login, issuedAt: number, lifetimeMs: number): Token {
  const { user, scope, project, credential } = principal;
  return {
    userId: user.id,
    scope,
    projectId: project?.id ?? null,
    credentialId: credential?.id ?? null,
    methods,
    issuedAt,
    expiresAt: Math.min(issuedAt + lifetimeMs, expiresAt),
  };
}
