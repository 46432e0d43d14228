import { LoomstackError } from "@loomstack/core";
import type { Authenticate } from "@loomstack/model";
import type { FastifyRequest } from "fastify";

/**
 * The check that every call passes first: by a password or a token (identity/shown-proof.ts of model); whoever is somebody may read, and administrators may write.
 *
 * @throws NORTHBOUND__UNAUTHORIZED, NORTHBOUND__FORBIDDEN, MODEL__TOO_MANY_ATTEMPTS
 */
export function authorize(authenticate: Authenticate): (request: FastifyRequest) => Promise<void> {
  return async ({ headers, ip, method, url }) => {
    const { user, isAdministrator } = await authenticate(headers, ip);
    const reads = method === "GET" || method === "HEAD";
    if (!reads && !isAdministrator)
      throw new LoomstackError("NORTHBOUND__FORBIDDEN", { user: user.name, method, path: url });
  };
}
