import type { Instruction } from "./instructions.ts";
import type { Match } from "./match.ts";

/** One entry of a flow table: what we want there, or what a switch says it has. */
export interface Flow {
  readonly tableId: number;
  /** 0 to 65535; of the flows that match, the one with the highest priority is taken. */
  readonly priority: number;
  /** Given by whoever added the flow, and kept with it. */
  readonly cookie: bigint;
  readonly match: Match;
  readonly instructions: readonly Instruction[];
}
