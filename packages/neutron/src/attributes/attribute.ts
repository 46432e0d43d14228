/**
 * An attribute of a resource, declared once: how it is shown, what a POST and a PUT may say of it, who may, and how lists
 * are narrowed by it. Bodies, answers, filters, sorting and the policy all come from these declarations.
 */
import type { z } from "zod";
import { isAtLeast, type Standing } from "../caller.ts";

export interface Attribute<Shown> {
  /** Its value in answers; absent: it is only ever sent to us. */
  readonly show?: (shown: Shown) => unknown;
  /** What a POST may say; absent: nothing. One that a POST has to say takes no `undefined`. */
  readonly post?: z.ZodType;
  /** What a PUT may say; absent: nothing, it can't be changed. */
  readonly put?: z.ZodType;
  /** Who sees it; default: who sees the object. */
  readonly seenBy?: Standing;
  /** Who may say this of it in a POST or a PUT; default: who may make or change the object. */
  readonly setBy?: (value: unknown, method: "POST" | "PUT") => Standing;
  /** How lists are narrowed by it; default: by its value. `false`: not at all. */
  readonly filter?: false | ((shown: Shown, wanted: readonly string[]) => boolean);
  /** Whether lists are sorted by it; default: they are, where they can be narrowed by its value. */
  readonly isSortKey?: boolean;
}

export type Attributes<Shown> = Readonly<Record<string, Attribute<Shown>>>;

/** Whether who is that much to an object sees the attribute. */
export function isSeen({ seenBy = "viewer" }: Attribute<never>, standing: Standing): boolean {
  return isAtLeast(standing, seenBy);
}

/** Declares the attributes of a resource whose objects are shown from a `Shown`. */
export function attributesOf<Shown>(): <const Declared extends Attributes<Shown>>(declared: Declared) => Declared {
  return (declared) => declared;
}

/** What a POST has said, defaults filled in. */
export type Posted<Declared> = {
  readonly [
    Name in keyof Declared as Declared[Name] extends { readonly post: z.ZodType } ? Name : never
  ]: Declared[Name] extends { readonly post: infer Schema extends z.ZodType } ? z.output<Schema> : never;
};

/** What a PUT has said. */
export type Put<Declared> = {
  readonly [
    Name in keyof Declared as Declared[Name] extends { readonly put: z.ZodType } ? Name : never
  ]?: Declared[Name] extends { readonly put: infer Schema extends z.ZodType } ? z.output<Schema> : never;
};
