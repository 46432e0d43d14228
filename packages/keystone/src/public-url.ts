import type { FastifyRequest } from "fastify";

/** Where the API is on this server. */
export const mount = "/identity";

/** Where a request has reached this server: `http://192.0.2.1:8080`. */
export function serverUrl({ protocol, host }: Pick<FastifyRequest, "protocol" | "host">): string {
  return `${protocol}://${host}`;
}

/** Where the API is, as the client of this request has reached it: `http://192.0.2.1:8080/identity/v3`. */
export function publicUrl(request: Pick<FastifyRequest, "protocol" | "host">, path = ""): string {
  return `${serverUrl(request)}${mount}/v3${path}`;
}
