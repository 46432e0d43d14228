/** What the calls answer with that explain flows and trace packets. */
import {
  type ExplainedFlow,
  type Explanation,
  type LiveSightings,
  type Sighting,
  type Trace,
  type TraceEnd,
  traceEndKinds,
  type TraceStep,
} from "@loomstack/model";
import { z } from "zod";
import { count, uuid } from "./scalars.ts";

const explainedFlow = z.object({
  hypervisor: z.string(),
  bridge: z.string(),
  table: z.string(),
  flow: z.string(),
  feature: z.string(),
  owner: z.string(),
  alsoFor: z.array(z.string()).readonly(),
  why: z.string(),
}) satisfies z.ZodType<ExplainedFlow>;

/** `POST /explain` */
export const explainAnswer = z.object({
  summary: z.string(),
  flows: z.array(explainedFlow).readonly(),
}) satisfies z.ZodType<Explanation>;

const step = z.object({
  depth: count,
  hypervisor: z.string(),
  bridge: z.string(),
  table: z.string(),
  packet: z.string(),
  flow: z.string().nullable(),
  feature: z.string().nullable(),
  owner: z.string().nullable(),
  why: z.string().nullable(),
  remarks: z.array(z.string()).readonly(),
}) satisfies z.ZodType<TraceStep>;

const end = z.object({
  kind: z.enum(traceEndKinds),
  hypervisor: z.string(),
  bridge: z.string(),
  port: uuid.nullable(),
  text: z.string(),
}) satisfies z.ZodType<TraceEnd>;

const sighting = z.object({
  what: z.enum(["packet", "answer"]),
  hypervisor: z.string(),
  bridge: z.string(),
  table: z.string(),
  afterMs: z.number(),
}) satisfies z.ZodType<Sighting>;

const live = z.object({
  packetsSent: count,
  unwatched: z.array(z.object({ hypervisor: z.string(), bridge: z.string(), reason: z.string() })).readonly(),
  seen: z.array(sighting).readonly(),
  answered: z.boolean().nullable(),
}) satisfies z.ZodType<LiveSightings>;

/** `POST /trace` */
export const traceAnswer = z.object({
  packet: z.string(),
  bytes: count,
  remark: z.string().nullable(),
  steps: z.array(step).readonly(),
  ends: z.array(end).readonly(),
  reached: z.boolean(),
  verdict: z.string(),
  live: live.nullable(),
}) satisfies z.ZodType<Trace>;
