import type { FastifyRequest } from "fastify";

/** Where the API is, as the client of this request has reached it: `http://192.0.2.1:8080/networking/v2.0`. */
export function publicUrl({ protocol, host }: Pick<FastifyRequest, "protocol" | "host">, path = "/v2.0"): string {
  return `${protocol}://${host}${mount}${path}`;
}

/** Where the API is on this server. */
export const mount = "/networking";

/** Below which objects of a kind are found: `/networks`, `/address-scopes`. */
export function collectionUrl({ plural }: { readonly plural: string }): string {
  return `/${plural.replaceAll("_", "-")}`;
}
