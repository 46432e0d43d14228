/** What the calls about static flows answer with. */
import type { StaticFlowStatus } from "@loomstack/model";
import { z } from "zod";
import { count, revision, uuid } from "./scalars.ts";

export const flowStates = ["installed", "refused", "pending", "not-connected"] as const;

/** `POST /switches/{dpid}/flows` and `PUT /switches/{dpid}/flows/{id}` */
export const flowAnswer = z.object({
  id: uuid,
  table: count,
  priority: count,
  match: z.string(),
  actions: z.string(),
  revision,
  state: z.enum(flowStates),
  reason: z.string(),
  warnings: z.array(z.string()).readonly(),
}) satisfies z.ZodType<StaticFlowStatus>;

/** `GET /switches/{dpid}/flows`: a page of them, and with `next` the call for the next one; null at the end. */
export const flowsAnswer = z.object({ flows: z.array(flowAnswer).readonly(), next: z.string().nullable() });
