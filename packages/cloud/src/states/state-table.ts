import { LoomstackError } from "@loomstack/core";

/** For each state, the events that it allows and the state that each leads to. What isn't in the table can't happen. */
export type StateTable<State extends string, Event extends string> = {
  readonly [S in State]: { readonly [E in Event]?: State };
};

export interface StateMachine<State extends string, Event extends string> {
  readonly table: StateTable<State, Event>;
  /** Where `event` leads from `state`. @throws CLOUD__INVALID_TRANSITION, which names the object by `id` */
  next(state: State, event: Event, id: string): State;
  allows(state: State, event: Event): boolean;
}

/** @param subject what the object is called in messages */
export function stateMachine<State extends string, Event extends string>(
  subject: string,
  table: StateTable<State, Event>,
): StateMachine<State, Event> {
  return {
    table,
    next(state, event, id) {
      const next = table[state][event];
      if (next === undefined) throw new LoomstackError("CLOUD__INVALID_TRANSITION", { subject, id, state, event });
      return next;
    },
    allows: (state, event) => table[state][event] !== undefined,
  };
}
