import { DurationHistogram, type HistogramReading } from "@loomstack/core";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

export interface HttpReading {
  /** Requests that haven't been answered yet. */
  readonly underWay: number;
  /** By method, route and status. */
  readonly answered: readonly (readonly [labels: readonly [string, string, string], count: number])[];
  /** By route. */
  readonly durations: readonly (readonly [labels: readonly [string], durations: HistogramReading])[];
}

/** For requests that no route takes. */
const noRoute = "(none)";

/**
 * Counts the requests of an HTTP server and how long they took, by route: the pattern, so that neither ids nor what
 * callers make up become labels.
 */
export class HttpMeasurements {
  readonly #answered = new Map<string, { readonly labels: readonly [string, string, string]; count: number }>();
  readonly #durations = new Map<string, DurationHistogram>();
  #underWay = 0;

  /** Measures what `app` and its plug-ins answer, of the routes that are registered after this. */
  attach(app: FastifyInstance): void {
    app.addHook("onRequest", (_request, _reply, done) => {
      this.#underWay += 1;
      done();
    });
    app.addHook("onResponse", (request, reply, done) => {
      this.#underWay -= 1;
      this.#count(request, reply);
      done();
    });
  }

  reading(): HttpReading {
    return {
      underWay: this.#underWay,
      answered: [...this.#answered.values()].map(({ labels, count }) => [labels, count]),
      durations: [...this.#durations].map(([route, histogram]) => [[route], histogram.read()]),
    };
  }

  #count({ method, routeOptions }: FastifyRequest, { statusCode, elapsedTime }: FastifyReply): void {
    const route = routeOptions.url ?? noRoute;
    const labels = [method, route, String(statusCode)] as const;
    const key = labels.join(" ");
    const entry = this.#answered.get(key) ?? { labels, count: 0 };
    entry.count += 1;
    this.#answered.set(key, entry);
    const histogram = this.#durations.get(route) ?? new DurationHistogram();
    this.#durations.set(route, histogram);
    histogram.observe(elapsedTime);
  }
}
