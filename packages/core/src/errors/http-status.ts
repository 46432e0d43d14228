import type { Blame } from "./code.ts";

/**
 * The HTTP status of an error that a northbound's own table says nothing of (RFC 9110 section 15): the caller's are 4xx,
 * and change nothing.
 */
export const httpStatusByBlame: Readonly<Record<Blame, number>> = {
  caller: 400,
  peer: 502,
  environment: 503,
  bug: 500,
};

/** The status that an error of the HTTP server itself carries (no JSON, too long, a type that isn't read). */
export function httpStatusOf(thrown: unknown): number | undefined {
  return thrown instanceof Error && "statusCode" in thrown && typeof thrown.statusCode === "number"
    ? thrown.statusCode
    : undefined;
}
