import { randomUUID } from "node:crypto";
import { LoomstackError, messageOf } from "@loomstack/core";
import { fastify, type FastifyInstance } from "fastify";
import type { Config } from "./config.ts";

const bodyLimitBytes = 1024 * 1024;
/** Who takes longer to send a request holds a connection for nothing. Answers may take as long as they need. */
const requestTimeoutMs = 30_000;

/**
 * The HTTP server that northbounds are registered with. It logs nothing by itself: addresses of requests hold keys and
 * signatures. Behind a trusted proxy, requests come from where the proxy says, and have reached what it says. Each answer has the id by which northbounds log its request (`x-request-id`). Closing it ends requests that are under way.
 */
export function createHttpServer({ trustedProxies = [] }: Partial<Config["http"]> = {}): FastifyInstance {
  const limits = { bodyLimit: bodyLimitBytes, requestTimeout: requestTimeoutMs };
  // Who isn't one of them could claim to be anybody, from anywhere.
  const trustProxy = trustedProxies.length > 0 && [...trustedProxies];
  // Ours, and never the caller's: what it sends could be anything.
  const http = fastify({ ...limits, trustProxy, forceCloseConnections: true, genReqId: () => randomUUID() });
  http.addHook("onRequest", (request, reply, done) => {
    reply.header("x-request-id", request.id);
    done();
  });
  return http;
}

/** Listens, and says where. @throws CONFIG__ADDRESS_UNUSABLE */
export async function listen(http: FastifyInstance, { host, port }: Config["http"]): Promise<string> {
  try {
    return await http.listen({ host, port });
  } catch (error) {
    const reason = messageOf(error);
    throw new LoomstackError("CONFIG__ADDRESS_UNUSABLE", { host, port, reason }, { cause: error });
  }
}
