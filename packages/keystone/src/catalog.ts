/** The catalog: which services there are, and where. */
import type { FastifyRequest } from "fastify";
import type { KeystoneOptions } from "./options.ts";
import { mount, serverUrl } from "./public-url.ts";

export const region = "RegionOne";
const interfaces = ["public", "internal", "admin"] as const;

interface Service {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly path: string;
}

export interface Endpoint {
  readonly id: string;
  readonly interface: (typeof interfaces)[number];
  readonly region: string;
  readonly region_id: string;
  readonly url: string;
}

const identity: Service = { id: "identity", type: "identity", name: "keystone", path: mount };
const networking: Service = { id: "network", type: "network", name: "neutron", path: "/networking" };

export interface CatalogEntry {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly endpoints: readonly Endpoint[];
}

/** All services, at the address at which the request has reached this one. */
export function catalogOf(
  request: Pick<FastifyRequest, "protocol" | "host">,
  { hasNetworking }: Pick<KeystoneOptions, "hasNetworking">,
): CatalogEntry[] {
  const services = hasNetworking ? [identity, networking] : [identity];
  return services.map(({ path, ...service }) => ({
    ...service,
    endpoints: interfaces.map((each) => ({
      ...{ id: `${service.id}-${each}`, interface: each, region, region_id: region },
      url: `${serverUrl(request)}${path}`,
    })),
  }));
}
