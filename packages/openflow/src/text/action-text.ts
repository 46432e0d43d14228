/**
 * What a declaration of an action says of its text in ovs-ofctl's syntax: as data where the form is a common one, so
 * that printing and reading come from the same words; else as functions. @see ovs-actions(7)
 */
import type { AnyCodec, BodyInput, Fields } from "@loomstack/wire";
import type { ActionList } from "../of13/actions.ts";
import type { FlowNames } from "./names.ts";
import type { ReadNames } from "./parse/read-names.ts";
import type { TextSlice } from "./parse/text-slice.ts";

/** What printing an action takes besides the action. */
export interface PrintContext {
  readonly names: FlowNames;
  /** Prints a list of actions inside of another action. */
  readonly actions: (actions: ActionList) => string;
}

/** How a value inside of an action is written and read. */
export interface ValueText<T> {
  readonly print: (value: T, names: FlowNames) => string;
  /** @throws OPENFLOW__INVALID_TEXT */
  readonly read: (slice: TextSlice, names: ReadNames) => T;
}

/** A ValueText whose type isn't known any more. */
export interface AnyValueText {
  readonly print: (value: never, names: FlowNames) => string;
  readonly read: (slice: TextSlice, names: ReadNames) => unknown;
}

/** Nothing but a word: `pop_vlan`. */
export interface WordText {
  readonly form: "word";
  readonly word: string;
}

/** A word and one value: `group:7`, or in parentheses `set_mpls_ttl(64)`. */
export interface OneValueText {
  readonly form: "value";
  readonly word: string;
  readonly parentheses: boolean;
  readonly property: string;
  readonly as: AnyValueText;
}

/** A word and properties with a key each, some left out: `fin_timeout(idle_timeout=10,hard_timeout=60)`. */
export interface KeyedText {
  readonly form: "keyed";
  readonly word: string;
  readonly members: readonly KeyedMember[];
}

export interface KeyedMember {
  readonly key: string;
  readonly property: string;
  readonly as: AnyValueText;
  /** The value that isn't written, and that a member has that isn't there. */
  readonly unless?: unknown;
}

/** A form of its own. */
export interface OwnText<in T> {
  readonly form: "own";
  /** What it starts with. */
  readonly words: readonly string[];
  readonly print: (value: T, context: PrintContext) => string;
}

export type ActionText<T> = WordText | OneValueText | KeyedText | OwnText<T>;

/** Makes the text of an action whose properties are those of `T`. */
export interface TextBuilder<T> {
  readonly word: (word: string) => ActionText<T>;
  readonly colon: <K extends keyof T & string>(
    word: string,
    property: K,
    as: ValueText<Exclude<T[K], undefined>>,
  ) => ActionText<T>;
  readonly parentheses: TextBuilder<T>["colon"];
  readonly keyed: (word: string, ...members: readonly KeyedMember[]) => ActionText<T>;
  readonly key: <K extends keyof T & string>(
    key: string,
    property: K,
    as: ValueText<Exclude<T[K], undefined>>,
    unless?: T[K],
  ) => KeyedMember;
  readonly own: (words: string | readonly string[], print: OwnText<T>["print"]) => ActionText<T>;
}

/** One action in the declaration of a family: its tag, its body, its text. */
export type ActionRow<B extends Fields | AnyCodec> = readonly [tag: number, body: B, text: ActionText<BodyInput<B>>];

/** Declares one action. */
export function action<const B extends Fields | AnyCodec>(
  tag: number,
  body: B,
  text: (builder: TextBuilder<BodyInput<B>>) => ActionText<BodyInput<B>>,
): ActionRow<B> {
  return [tag, body, text(builderOf())];
}

function builderOf<T>(): TextBuilder<T> {
  return {
    word: (word) => ({ form: "word", word }),
    colon: (word, property, as) => ({ form: "value", word, parentheses: false, property, as }),
    parentheses: (word, property, as) => ({ form: "value", word, parentheses: true, property, as }),
    keyed: (word, ...members) => ({ form: "keyed", word, members }),
    key: (key, property, as, unless) => ({ key, property, as, unless }),
    own: (words, print) => ({ form: "own", words: typeof words === "string" ? [words] : words, print }),
  };
}
