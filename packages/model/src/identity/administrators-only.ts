import { LoomstackError } from "@loomstack/core";
import type { Authenticate } from "./identity.ts";
import type { ProvingHeaders } from "./shown-proof.ts";

/** Of a request to a northbound what its check needs. */
export interface CheckedRequest {
  readonly headers: ProvingHeaders;
  /** Where it comes from. */
  readonly ip: string;
  readonly method: string;
  readonly url: string;
}

/**
 * The check of calls that show or change the objects of all projects: for administrators alone.
 *
 * @throws NORTHBOUND__UNAUTHORIZED, NORTHBOUND__FORBIDDEN, MODEL__TOO_MANY_ATTEMPTS
 */
export function administratorsOnly(authenticate: Authenticate): (request: CheckedRequest) => Promise<void> {
  return async ({ headers, ip, method, url }) => {
    const { user, isAdministrator } = await authenticate(headers, ip);
    if (!isAdministrator) throw new LoomstackError("NORTHBOUND__FORBIDDEN", { user: user.name, method, path: url });
  };
}
