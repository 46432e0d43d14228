import type { StaticFlowStatus } from "@loomstack/model";
import { z } from "zod";
import { flowStates } from "./answers/flows.ts";

type Place = Pick<StaticFlowStatus, "table" | "priority" | "match">;

const place = z.tuple([z.int(), z.int(), z.string()]);

/** A place in the list as clients carry it from one call to the next. */
const cursor = z
  .string()
  .max(32_768)
  .transform((text, context): Place => {
    try {
      const [table, priority, match] = place.parse(JSON.parse(Buffer.from(text, "base64url").toString()));
      return { table, priority, match };
    } catch {
      context.addIssue("is no `next` of an answer");
      return z.NEVER;
    }
  });

/** Which of a switch's flows are asked for. */
export const flowQuery = z.strictObject({
  table: z.coerce.number().int().min(0).max(254).optional(),
  state: z.enum(flowStates).optional(),
  after: cursor.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).optional(),
});

/**
 * The flows that are asked for, in the order of `flows`, and where the next page starts. It starts behind the last flow
 * of this one by table, priority and match, so that flows that come and go meanwhile neither repeat nor hide others.
 *
 * @param flows by table, priority from the highest, and match
 */
export function flowPage(
  flows: readonly StaticFlowStatus[],
  { table, state, after, limit = flows.length }: z.output<typeof flowQuery>,
): { readonly flows: readonly StaticFlowStatus[]; readonly next: string | null } {
  const fitting = flows.filter(
    (flow) =>
      (table === undefined || flow.table === table) &&
      (state === undefined || flow.state === state) &&
      (after === undefined || isBehind(flow, after)),
  );
  const page = fitting.slice(0, limit);
  const last = page.at(-1);
  return { flows: page, next: last === undefined || page.length === fitting.length ? null : cursorOf(last) };
}

function isBehind(flow: Place, { table, priority, match }: Place): boolean {
  if (flow.table !== table) return flow.table > table;
  if (flow.priority !== priority) return flow.priority < priority;
  return flow.match > match;
}

function cursorOf({ table, priority, match }: Place): string {
  return Buffer.from(JSON.stringify([table, priority, match])).toString("base64url");
}
