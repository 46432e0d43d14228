import type { Proof } from "./proofs.ts";

/** The headers of a request that may prove who sent it. */
export interface ProvingHeaders {
  readonly authorization?: string | undefined;
  readonly "x-auth-token"?: string | readonly string[] | undefined;
}

/**
 * What a request shows to prove its user, which is one thing alone: a token in `X-Auth-Token`, or else in
 * `Authorization` a bearer token (RFC 6750) or a name and a password (RFC 7617). Undefined for anything else.
 */
export function shownProof({ authorization = "", ...headers }: ProvingHeaders): Proof | undefined {
  const shown = headers["x-auth-token"];
  if (shown !== undefined) return typeof shown === "string" ? tokenProof(shown) : undefined;
  const bearer = /^bearer +(\S+) *$/i.exec(authorization)?.[1];
  return bearer === undefined ? basicProof(authorization) : tokenProof(bearer);
}

function tokenProof(token: string): Proof {
  return { method: "token", token };
}

function basicProof(header: string): Proof | undefined {
  const base64 = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(header)?.[1];
  if (base64 === undefined) return undefined;
  const text = Buffer.from(base64, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 0) return undefined;
  return { method: "password", user: { name: text.slice(0, colon) }, password: text.slice(colon + 1) };
}
