/** The kinds of members that requests have. */
import { messageOf, parseIp, parseMac, parsePrefix, parseUuid } from "@loomstack/core";
import { parsePairAddress } from "@loomstack/model";
import { z } from "zod";

/** Text that `parse` reads; what it throws is what is wrong with the member. */
function readBy<T>(parse: (text: string) => T): z.ZodPipe<z.ZodString, z.ZodTransform<T, string>> {
  return z.string().transform((text, context) => {
    try {
      return parse(text);
    } catch (error) {
      context.addIssue({ code: "custom", message: messageOf(error) });
      return z.NEVER;
    }
  });
}

export const uuid = readBy(parseUuid);
export const mac = readBy(parseMac);
export const ip = readBy(parseIp);
export const prefix = readBy(parsePrefix);
/** An address, or a prefix of them. */
export const ipOrPrefix = readBy(parsePairAddress);

/** Names and the like: text without control characters and halves of characters, as long as Neutron allows. */
export const label = z
  .string()
  .max(255)
  .refine((text) => text.isWellFormed(), "has a surrogate without its other half")
  .refine((text) => !/\p{Cc}/u.test(text), "has control characters");

/** The name of a port in its network's domain, in whatever case; empty or null where it has none, as in Neutron. */
export const dnsName = label.nullable().transform((name) => (name === null || name === "" ? null : name.toLowerCase()));

/** The domain of a network: a whole name, with the dot that ends it, as in Neutron; empty or null where it has none. */
export const dnsDomain = label
  .nullable()
  .refine((name) => name === null || name === "" || name.endsWith("."), "is a whole name: end it with a dot")
  .transform((name) => (name === null || name === "" ? null : name.toLowerCase().replace(/\.$/, "")));

/** A member that clients send and that means nothing here. */
export const ignored = z.unknown().optional();

/** A member that PUT must not have. */
export const unchangeable = z.undefined({ error: "can't be changed" }).optional();

/** A truth value, which Python's clients may write as text. */
export const truth = z.union([
  z.boolean(),
  z.literal([0, 1]).transform(Boolean),
  z
    .string()
    .transform((text) => text.toLowerCase())
    .pipe(z.enum(["true", "false", "1", "0"]))
    .transform((text) => text === "true" || text === "1"),
]);

/** A whole number, which some clients quote. */
export const whole = z.union([
  z.int(),
  z
    .string()
    .regex(/^-?\d{1,15}$/, "is not a whole number")
    .transform(Number),
]);
