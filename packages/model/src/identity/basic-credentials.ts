import { LoomstackError } from "@loomstack/core";
import type { Authenticate } from "./authenticator.ts";
import type { User } from "./user.ts";

/** A user name and a password as sent with HTTP Basic. */
export interface BasicCredentials {
  readonly name: string;
  readonly password: string;
}

/** Reads the value of an `Authorization` header of the Basic scheme (RFC 7617); undefined for anything else. */
export function parseBasicCredentials(header: string | undefined): BasicCredentials | undefined {
  const token = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(header ?? "")?.[1];
  if (token === undefined) return undefined;
  const text = Buffer.from(token, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

/**
 * The user whom the `Authorization` header of a request proves; what they may do is for each northbound to say.
 *
 * @throws NORTHBOUND__UNAUTHORIZED when it proves nobody; MODEL__TOO_MANY_ATTEMPTS
 */
export async function authenticateBasic(
  authenticate: Authenticate,
  header: string | undefined,
  remoteAddress: string,
): Promise<User> {
  const credentials = parseBasicCredentials(header);
  const user = credentials && (await authenticate(credentials.name, credentials.password, remoteAddress));
  if (!user) throw new LoomstackError("NORTHBOUND__UNAUTHORIZED");
  return user;
}
