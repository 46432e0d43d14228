import { LoomstackError } from "@loomstack/core";
import type { Authenticate } from "@loomstack/model";
import type { FastifyRequest } from "fastify";

/**
 * The check that every call but the one for health passes first: by a password or a token, and administrators only, because all
 * tenants' objects show.
 *
 * @throws NORTHBOUND__UNAUTHORIZED, NORTHBOUND__FORBIDDEN, MODEL__TOO_MANY_ATTEMPTS
 */
export function administratorsOnly(authenticate: Authenticate): (request: FastifyRequest) => Promise<void> {
  return async ({ headers, ip, method, url }) => {
    const { user, isAdministrator } = await authenticate(headers, ip);
    if (!isAdministrator) throw new LoomstackError("NORTHBOUND__FORBIDDEN", { user: user.name, method, path: url });
  };
}
