import { LoomstackError } from "@loomstack/core";
import { type Authenticate, findUserByName, type Identity, type Store } from "@loomstack/model";

/**
 * Takes callers who show nothing at all for a user; who shows something has to be right.
 *
 * @param name undefined: for nobody
 */
export function withAnonymousCaller(
  { authenticate, principalOfUser }: Identity,
  { db }: Pick<Store, "db">,
  name: string | undefined,
): Authenticate {
  if (name === undefined) return authenticate;
  return async (headers, remoteAddress) => {
    if (headers.authorization !== undefined || headers["x-auth-token"] !== undefined)
      return authenticate(headers, remoteAddress);
    const user = await findUserByName(db, name);
    const principal = user && (await principalOfUser(user.id));
    if (principal === undefined) throw new LoomstackError("NORTHBOUND__UNAUTHORIZED");
    return principal;
  };
}
