import { parseUuid, preferredWaitSec } from "@loomstack/core";
import {
  getNetwork,
  getPort,
  getSubnet,
  listLearntAddresses,
  listNetworks,
  listPorts,
  listSubnets,
} from "@loomstack/model";
import type { FastifyReply } from "fastify";
import { z } from "zod";
import { networkAnswer, networksAnswer, portAnswer, portsAnswer, subnetAnswer } from "./answers/controller.ts";
import type { ApiScope } from "./northbound.ts";
import type { ControllerApiOptions } from "./options.ts";
import { patience } from "./patience.ts";

const params = z.object({ id: z.uuid().transform(parseUuid) });

/**
 * Networks with their subnets, and ports with what the hypervisors say of them. One of them is told with how far its
 * last change has come; with `Prefer: wait=<seconds>` (RFC 7240, 4.3) when the hypervisors have confirmed it, or a port
 * is ACTIVE, or the time is up.
 */
export function networkRoutes(app: ApiScope, options: ControllerApiOptions): void {
  const { store, realised } = options;
  app.get("/networks", { schema: { response: { 200: networksAnswer } } }, async () => {
    const subnets = Map.groupBy(await listSubnets(store.db), ({ networkId }) => networkId);
    const networks = await listNetworks(store.db);
    return { networks: networks.map((network) => ({ ...network, subnets: subnets.get(network.id) ?? [] })) };
  });

  app.get("/ports", { schema: { response: { 200: portsAnswer } } }, async () => {
    const ports = await listPorts(store.db);
    const learnt = new Map((await listLearntAddresses(store.db)).map(({ portId, addresses }) => [portId, addresses]));
    return {
      ports: ports.map((port) => ({
        ...{ ...port, ...realised.port(port.id) },
        learntAddresses: learnt.get(port.id) ?? [],
      })),
    };
  });

  const wait = waiting(options);
  app.get(
    "/networks/:id",
    { schema: { params, response: { 200: networkAnswer } } },
    async ({ params: { id }, headers }, reply) => {
      await getNetwork(store.db, id);
      await wait(headers.prefer, reply, (signal) => realised.objectRealised("network", id, signal));
      const subnets = await listSubnets(store.db, id);
      const network = { ...(await getNetwork(store.db, id)), ...realised.network(id) };
      return { ...network, subnets, realised: realised.object("network", id) };
    },
  );
  app.get(
    "/subnets/:id",
    { schema: { params, response: { 200: subnetAnswer } } },
    async ({ params: { id }, headers }, reply) => {
      const { networkId } = await getSubnet(store.db, id);
      await wait(headers.prefer, reply, (signal) => realised.objectRealised("network", networkId, signal));
      return { ...(await getSubnet(store.db, id)), realised: realised.object("network", networkId) };
    },
  );
  app.get(
    "/ports/:id",
    { schema: { params, response: { 200: portAnswer } } },
    async ({ params: { id }, headers }, reply) => {
      await getPort(store.db, id);
      await wait(headers.prefer, reply, (signal) => realised.portSettled(id, signal));
      const [learnt] = await listLearntAddresses(store.db, id);
      return {
        ...{ ...(await getPort(store.db, id)), ...realised.port(id), realised: realised.object("port", id) },
        learntAddresses: learnt?.addresses ?? [],
      };
    },
  );
}

/** Waits as long as the client prefers to, and says so (RFC 7240, 3); not at all when it doesn't say. */
function waiting({ clock }: ControllerApiOptions) {
  return async (
    prefer: string | readonly string[] | undefined,
    reply: FastifyReply,
    settled: (signal: AbortSignal) => Promise<unknown>,
  ): Promise<void> => {
    const waitSec = preferredWaitSec(prefer);
    if (waitSec === undefined) return;
    using patient = patience(clock, reply, waitSec * 1_000);
    await settled(patient.signal);
    void reply.header("preference-applied", `wait=${waitSec}`);
  };
}
