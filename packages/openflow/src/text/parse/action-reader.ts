/** What reading actions takes besides their text, and the words that they start with. */
import type { Action } from "../../of13/actions.ts";
import type { Match } from "../../of13/match.ts";
import type { KeyValue } from "./key-values.ts";
import type { ReadNames } from "./read-names.ts";
import type { TextSlice } from "./text-slice.ts";

/** Where a list of actions is. */
export type ActionPlace = "list" | "actionSet" | "ct" | "clone";

export interface ReadContext {
  readonly names: ReadNames;
  /** The match of the flow, as far as it is known: some old actions mean another one by it. */
  readonly match: Match;
  readonly place: ActionPlace;
  /** Where each action that was read is in the text. */
  readonly places: Map<object, TextSlice>;
  /** How many lists of actions this one is in. */
  readonly depth: number;
  /** Reads a list of actions inside of an action. */
  readonly actions: (slice: TextSlice, place: ActionPlace, before: readonly Action[]) => readonly Action[];
  /** What is in the list already. */
  readonly before: readonly Action[];
}

/** Reads what is behind a word; some words stand for several actions. */
export type ActionReader = (value: TextSlice, context: ReadContext, item: KeyValue) => Action | readonly Action[];
export type ActionReaders = Readonly<Record<string, ActionReader>>;
