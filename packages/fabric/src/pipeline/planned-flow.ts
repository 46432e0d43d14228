import { type Hash64, hash64, LoomstackError } from "@loomstack/core";
import {
  type Action,
  type Flow,
  type FlowMod,
  flowFingerprint,
  flowKey,
  formatFlow,
  type Instruction,
  KeptFlowMod,
  type Match,
} from "@loomstack/openflow";
import { cookieOf } from "./cookies.ts";
import { nextTable, type Table, tableOf, type BridgeName } from "./tables.ts";

/** A flow that should exist, and the reason why. Owner and reason never reach the wire, except as the cookie. */
export class PlannedFlow {
  readonly bridge: BridgeName;
  readonly flow: Flow;
  /** The feature that made it. */
  readonly feature: string;
  /** What it exists for: `port <id>`, `network <id>`, `hypervisor <id>`. */
  readonly owner: string;
  /** One clause in words. */
  readonly why: string;
  #key: string | undefined;
  #fingerprint: string | undefined;
  #hashes: FlowHashes | undefined;
  #addition: KeptFlowMod | undefined;

  constructor(bridge: BridgeName, flow: Flow, { feature, owner, why }: Pick<PlannedFlow, "feature" | "owner" | "why">) {
    this.bridge = bridge;
    this.flow = flow;
    this.feature = feature;
    this.owner = owner;
    this.why = why;
  }

  /** Its identity in the switch: table, priority and match. */
  get key(): string {
    this.#key ??= flowKey(this.flow);
    return this.#key;
  }

  /** What counts beside the identity: cookie and instructions. */
  get fingerprint(): string {
    this.#fingerprint ??= flowFingerprint(this.flow);
    return this.#fingerprint;
  }

  /** What puts it into a switch: one for all switches that are to have it. */
  get addition(): FlowMod {
    this.#addition ??= new KeptFlowMod(this.flow);
    return this.#addition;
  }

  /** Both in short, as many hypervisors may have to look for the same flow. */
  get hashes(): FlowHashes {
    this.#hashes ??= flowHashes(this);
    return this.#hashes;
  }
}

/** The identity of a flow and its fingerprint, as a FlowIndex has them. */
export interface FlowHashes {
  readonly identity: Hash64;
  readonly fingerprint: Hash64;
}

export function flowHashes({ key, fingerprint }: Pick<PlannedFlow, "key" | "fingerprint">): FlowHashes {
  return { identity: hash64(key), fingerprint: hash64(fingerprint) };
}

export interface FlowDraft<From extends Table> {
  readonly table: From;
  readonly priority: number;
  readonly match: Match;
  readonly actions?: readonly Action[];
  readonly goto?: From["next"][number];
  readonly feature: string;
  readonly owner: string;
  readonly why: string;
}

/** Makes a flow in a declared table; `goto` takes only the names that the table's declaration allows. */
export function plannedFlow<From extends Table>(draft: FlowDraft<From>): PlannedFlow {
  const instructions: Instruction[] = [];
  if (draft.actions !== undefined && draft.actions.length > 0)
    instructions.push({ kind: "applyActions", actions: draft.actions });
  if (draft.goto !== undefined)
    instructions.push({ kind: "gotoTable", tableId: nextTable(draft.table, draft.goto).id });
  const flow: Flow = {
    tableId: draft.table.id,
    priority: draft.priority,
    cookie: cookieOf(draft.owner),
    match: draft.match,
    instructions,
  };
  return new PlannedFlow(draft.table.bridge, flow, draft);
}

/**
 * Holds a flow against the pipeline's declaration: a declared table, forward only and only to a declared next table, no
 * NORMAL or FLOOD.
 *
 * @throws FABRIC__FLOW_OUTSIDE_PIPELINE
 */
export function checkFlow({ bridge, flow }: PlannedFlow): void {
  const refuse = (reason: string): never => {
    throw new LoomstackError("FABRIC__FLOW_OUTSIDE_PIPELINE", { bridge, flow: formatFlow(flow), reason });
  };
  const table = tableOf(bridge, flow.tableId) ?? refuse("there is no such table");
  for (const instruction of flow.instructions) {
    if (instruction.kind === "gotoTable") {
      const target = tableOf(bridge, instruction.tableId);
      if (target === undefined || !table.next.includes(target.name))
        refuse(`${table.name} has no next table ${instruction.tableId}`);
    } else if (instruction.kind === "applyActions") {
      for (const action of instruction.actions)
        if (!allowedActions.has(action.kind) || isReservedOutput(action))
          refuse(`action ${action.kind} is not allowed`);
    } else {
      refuse(`instruction ${instruction.kind} is not used`);
    }
  }
}

const allowedActions: ReadonlySet<string> = new Set([
  "output",
  "pushVlan",
  "popVlan",
  "setField",
  "move",
  "load",
  "learn",
]);
/** OFPP_NORMAL and OFPP_FLOOD, OFPP_ALL (OpenFlow 1.3.5, 7.2.1): switching that nobody declared. */
const reservedOutputs: ReadonlySet<number> = new Set([0xfffffffa, 0xfffffffb, 0xfffffffc]);

function isReservedOutput(action: Action): boolean {
  return action.kind === "output" && reservedOutputs.has(action.port);
}
