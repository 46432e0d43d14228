import type { ServerResponse } from "node:http";
import { healthPath } from "@loomstack/api";
import type { FastifyInstance } from "fastify";

/**
 * What becomes of requests while the process stops: those under way are ended, new ones are refused, and who asks for the
 * process's health is answered to the end. Something that watches over it would start it anew in the middle otherwise.
 */
export class StoppingRequests {
  readonly #underWay = new Set<ServerResponse>();
  #isStopping = false;

  /** Looks after what `http` and its plug-ins answer, of the routes that are registered after this. */
  attach(http: FastifyInstance): void {
    http.addHook("onRequest", (request, reply, done) => {
      if (request.routeOptions.url?.startsWith(healthPath) === true) return done();
      if (this.#isStopping) {
        void reply.code(503).headers({ connection: "close", "retry-after": "1", "content-type": "text/plain" });
        reply.send("the process is being stopped; ask again a little later\n");
        return;
      }
      this.#underWay.add(reply.raw);
      reply.raw.once("close", () => this.#underWay.delete(reply.raw));
      done();
    });
  }

  /** From now on nothing but health is answered. */
  stop(): void {
    this.#isStopping = true;
    for (const response of this.#underWay) response.destroy();
  }
}
