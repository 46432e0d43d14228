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
