import { LoomstackError } from "@loomstack/core";
import { z } from "zod";

/** Names and the like: text without control characters and halves of characters, as long as Keystone allows. */
export const label = z
  .string()
  .max(255)
  .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), "has characters that can't be shown");

/** What a name is: it isn't empty. */
export const name = label.min(1, "is empty");

/** A description, which clients without one send as null. */
export const description = label.nullish().transform((text) => text ?? "");

/** Attributes of Keystone that say nothing here: what a client may send is what they would be. */
export const ofOurDomain = {
  domain_id: z.literal("default", { error: "is no domain: there is 'default' alone" }).nullish(),
  options: z.strictObject({}, { error: "has no options here" }).optional(),
};

/**
 * Reads a body of one member: `{"project": {…}}`.
 *
 * @throws KEYSTONE__MALFORMED, which says where
 */
export function readBody<Schema extends z.ZodType>(body: unknown, member: string, schema: Schema): z.output<Schema> {
  const { data, error } = z.strictObject({ [member]: schema }).safeParse(body);
  if (!error) return data[member] as z.output<Schema>;
  const [issue] = error.issues;
  const where = (issue?.path ?? []).map(String).join(".") || "the body";
  throw new LoomstackError("KEYSTONE__MALFORMED", { where, reason: issue?.message ?? "is invalid" });
}
