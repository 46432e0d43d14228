/** Tokens, as they go over the wire. */
import { createHash } from "node:crypto";
import type { Principal, Token } from "@loomstack/model";
import type { CatalogEntry } from "../catalog.ts";
import { domain } from "../domain.ts";
import type { Members } from "../lists.ts";

export interface ShownToken extends Pick<Token, "methods" | "issuedAt" | "expiresAt"> {
  readonly text: string;
  readonly principal: Principal;
  /** Undefined where it isn't wanted. */
  readonly catalog: readonly CatalogEntry[] | undefined;
}

export function showToken({ text, principal, methods, issuedAt, expiresAt, catalog }: ShownToken): Members {
  const { user, scope, project, roles, credential } = principal;
  return {
    methods,
    user: { id: user.id, name: user.name, domain, password_expires_at: null },
    // Names the token in audits, and doesn't help to guess it.
    audit_ids: [createHash("sha256").update(`audit ${text}`).digest("base64url").slice(0, 22)],
    issued_at: instant(issuedAt),
    expires_at: instant(expiresAt),
    ...(scope === "project" &&
      project && { project: { id: project.id, name: project.name, domain }, is_domain: false }),
    ...(scope === "system" && { system: { all: true } }),
    ...(scope !== "none" && { roles: roles.map((role) => ({ id: role, name: role })) }),
    ...(scope !== "none" && catalog && { catalog }),
    ...(credential && { application_credential: { id: credential.id, name: credential.name, restricted: true } }),
  };
}

/** As Keystone writes it: microseconds, in UTC. @param ms since the epoch */
export function instant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000Z`;
}
