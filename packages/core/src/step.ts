/**
 * The shape of every protocol state machine: a pure function from a state and an input to the next state and the
 * effects that a thin shell then carries out (send bytes, start a timer, announce). The shell owns sockets and timers
 * and decides nothing.
 */
export type Step<State, Input, Effect> = (
  state: State,
  input: Input,
) => { readonly state: State; readonly effects: readonly Effect[] };
