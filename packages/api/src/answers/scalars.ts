/**
 * What answers are made of. In JSON they are plain text and numbers; here they have the types of the model. An answer has
 * what is declared of it: whatever else an object of ours may carry isn't sent.
 */
import type { Revision, Uuid } from "@loomstack/core";
import { z } from "zod";

/** Text that has its type from where it was made. */
export function text<Text extends string>(): z.ZodType<Text> {
  return z.custom<Text>((value) => typeof value === "string", "is no text");
}

export const uuid = text<Uuid>();
export const revision = z.custom<Revision>((value) => Number.isSafeInteger(value), "is no revision");

/** A counter of 64 bits as decimal text; null for one that isn't counted. */
export const counter = z.string().regex(/^\d+$/).nullable();
export const count = z.int().min(0);

/** What every object of a network has. */
export const standardAttributes = {
  description: z.string(),
  tags: z.array(z.string()).readonly(),
  /** Milliseconds since the epoch, as `updatedAt`. */
  createdAt: count,
  updatedAt: count,
  revision,
};
