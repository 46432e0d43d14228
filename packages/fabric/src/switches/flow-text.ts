import { type Flow, parseFlow, type ParsedFlow, type ReadNames } from "@loomstack/openflow";
import { invalid } from "./invalid-flow.ts";

/** What intent keeps of a flow, in ovs-ofctl's syntax. */
export interface TextParts {
  readonly table: number;
  readonly priority: number;
  readonly match: string;
  readonly actions: string;
}

/** @throws OPENFLOW__INVALID_TEXT, OPENFLOW__TEXT_TOO_LONG, FABRIC__FLOW_INVALID */
export function flowOfParts({ table, priority, match, actions }: TextParts, names?: ReadNames): Flow {
  const conditions = [`table=${table}`, `priority=${priority}`, ...(match === "" ? [] : [match])];
  return flowOfText(`${conditions.join(",")} actions=${actions}`, names);
}

/** What a flow's text can say that a static flow doesn't have. */
const others: Readonly<Partial<Record<keyof ParsedFlow, string>>> = {
  idleTimeoutSec: "idle_timeout",
  hardTimeoutSec: "hard_timeout",
  importance: "importance",
  flags: "flags",
  counters: "counters",
};

/** As `ovs-ofctl add-flow` reads it. @throws OPENFLOW__INVALID_TEXT, OPENFLOW__TEXT_TOO_LONG, FABRIC__FLOW_INVALID */
export function flowOfText(text: string, names: ReadNames = {}): Flow {
  // Which actions fit which match is the switch's to say: OpenFlow 1.0 has other rules than Open vSwitch has in 1.3.
  const parsed = parseFlow(text, { names, consistent: false });
  for (const [member, name] of Object.entries(others))
    if (member in parsed) throw invalid(`a static flow has no ${name}: it stays until it is deleted here`);
  if (parsed.cookie !== 0n) throw invalid("a static flow's cookie is chosen here: leave it out");
  const { tableId, priority, match, instructions } = parsed;
  return { tableId, priority, cookie: 0n, match, instructions };
}
