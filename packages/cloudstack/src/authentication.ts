/** Who sent a request: by its signature (an API key and a secret key), or by its session. */
import { LoomstackError, type Uuid } from "@loomstack/core";
import { findUser, findUserByApiKey, type Identity, type Principal, type Store } from "@loomstack/model";
import type { ApiRequest } from "./protocol/request.ts";
import { isSignedBy } from "./protocol/signature.ts";
import type { Sessions } from "./sessions.ts";

export const sessionCookie = "JSESSIONID";
export const sessionKeyCookie = "sessionkey";

export interface AuthenticationDeps {
  readonly store: Store;
  readonly sessions: Sessions;
  readonly identity: Identity;
  readonly now: () => number;
}

/** @throws CLOUDSTACK__UNAUTHENTICATED, MODEL__TOO_MANY_ATTEMPTS */
export async function authenticateRequest(request: ApiRequest, deps: AuthenticationDeps): Promise<Principal> {
  const id = request.parameters.has("signature") ? await bySignature(request, deps) : await bySession(request, deps);
  const principal = id && (await deps.identity.principalOfUser(id));
  if (principal !== undefined && principal.scope !== "none") return principal;
  deps.identity.countFailure(request.remoteAddress);
  throw new LoomstackError("CLOUDSTACK__UNAUTHENTICATED");
}

async function bySignature(
  { parameters, written }: ApiRequest,
  { store, now }: AuthenticationDeps,
): Promise<Uuid | undefined> {
  const user = await findUserByApiKey(store.db, parameters.get("apikey") ?? "");
  // An unknown key takes as long as a known one.
  const isSigned = isSignedBy(written, parameters.get("signature") ?? "", user?.secretKey ?? "nobody's");
  const isFresh = !hasExpired(parameters, now());
  return isSigned && isFresh ? user?.id : undefined;
}

/** Version 3 of signatures has a time after which they don't count; where older ones have it, it is honoured too. */
function hasExpired(parameters: ReadonlyMap<string, string>, now: number): boolean {
  const expires = parameters.get("expires");
  if (expires === undefined) return parameters.get("signatureversion") === "3";
  const expiresAt = parseTime(expires);
  return expiresAt === undefined || expiresAt <= now;
}

/** `2011-10-10T12:00:00+0530`, also with a colon in the offset, `Z`, or fractions of a second. */
export function parseTime(text: string): number | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:?\d\d)$/i.exec(text.replace(" ", "+"));
  if (match === null) return undefined;
  const [, time = "", offset = ""] = match;
  const ms = Date.parse(time + (offset.length === 5 ? `${offset.slice(0, 3)}:${offset.slice(3)}` : offset));
  return Number.isNaN(ms) ? undefined : ms;
}

async function bySession(
  { parameters, cookies }: ApiRequest,
  { store, sessions }: AuthenticationDeps,
): Promise<Uuid | undefined> {
  const session = sessions.use(cookies[sessionCookie] ?? "", parameters.get("sessionkey") ?? "");
  const user = session && (await findUser(store.db, session.userId));
  return user?.passwordHash === session?.passwordHash ? user?.id : undefined;
}
