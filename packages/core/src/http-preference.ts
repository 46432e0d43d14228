/** The longest that a client may have us wait. */
export const waitLimitSec = 30;

/**
 * How many seconds a client prefers to wait (`Prefer: wait=10`, RFC 7240 section 4.3), at most 30; undefined when it
 * says nothing sound.
 */
export function preferredWaitSec(header: string | readonly string[] | undefined): number | undefined {
  const preferences = (typeof header === "string" ? [header] : (header ?? [])).flatMap((line) => line.split(","));
  for (const preference of preferences) {
    const wait = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(;.*)?$/i.exec(preference)?.[1];
    if (wait !== undefined) return Math.min(Number(wait), waitLimitSec);
  }
  return undefined;
}
