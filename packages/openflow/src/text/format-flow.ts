/** Flows in the syntax of ovs-ofctl(8), for people, logs and tests. What is printed with numbers, ovs-ofctl reads. */
import type { Flow } from "../of13/flow.ts";
import type { Match } from "../of13/match.ts";
import type { FlowMod } from "../of13/messages/flow-mod.ts";
import type { FlowStats } from "../of13/multipart/flow-stats.ts";
import { allTables, Group, Port } from "../of13/ports.ts";
import { flowFlagWords } from "./flow-flag-words.ts";
import { formatInstructions } from "./format-actions.ts";
import { formatDuration } from "./format-duration.ts";
import { formatMatch } from "./format-match.ts";
import { type FlowNames, portName, tableName } from "./names.ts";

/** What flows, flow mods, dumps and updates of a monitor may say besides which flow it is. */
interface FlowDetails {
  readonly priority?: number | undefined;
  readonly match?: Match | undefined;
  readonly idleTimeoutSec?: number | undefined;
  readonly hardTimeoutSec?: number | undefined;
  /** Of OpenFlow 1.4 and later. */
  readonly importance?: number | undefined;
  readonly flags?: FlowMod["flags"];
}

/** A flow of a dump. Switches of OpenFlow 1.5 may tell more of it. */
type DumpedFlow = FlowStats & { readonly importance?: number | undefined; readonly idleSec?: number | undefined };

/**
 * A flow with its cookie and its table, whatever they are, and what else isn't as it is by default.
 *
 * @example formatFlow(flow) // "cookie=0x1, table=3, priority=100,arp,reg0=0x7 actions=IN_PORT"
 */
export function formatFlow(flow: Flow & FlowDetails, names: FlowNames = {}): string {
  return `${keyText(flow, names)}${actionsText(flow, names)}`;
}

/** Which flow it is: what formatFlow says of it, but for its actions. */
export function formatFlowKey(flow: FlowKey, names: FlowNames = {}): string {
  return withoutSeparator(keyText(flow, names));
}

type FlowKey = Pick<Flow, "cookie" | "tableId"> & FlowDetails;

function keyText(flow: FlowKey, names: FlowNames): string {
  const { cookie, tableId } = flow;
  return `cookie=${hex(cookie)}, table=${tableName(tableId, names)}, ${details(flow)}${conditions(flow, names)}`;
}

/**
 * A flow of a dump as `ovs-ofctl dump-flows` prints it, or as `ovs-ofctl --no-stats dump-flows`: without what changes by
 * itself, and without a cookie of 0 and a table of 0.
 */
export function formatFlowStats(flow: DumpedFlow, names: FlowNames = {}, hasCounters = true): string {
  const { cookie, tableId, idleSec } = flow;
  const isNamed = names.table !== undefined;
  const head = [
    ...(hasCounters || cookie !== 0n ? [`cookie=${hex(cookie)}`] : []),
    ...(hasCounters ? [`duration=${formatDuration(flow.durationSec, flow.durationNsec)}`] : []),
    ...(hasCounters || tableId !== 0 || isNamed ? [`table=${tableName(tableId, names)}`] : []),
    ...(hasCounters ? [`n_packets=${flow.packetCount}`, `n_bytes=${flow.byteCount}`] : []),
  ];
  const age = hasCounters && idleSec !== undefined ? `idle_age=${idleSec}, ` : "";
  return `${joined(head)}${details(flow)}${age}${conditions(flow, names)}${actionsText(flow, names)}`;
}

/**
 * What a message does and with which flows, as a line of a file that ovs-ofctl reads: `delete table=1, tcp`. A buffered
 * packet that it is for isn't in the text.
 */
export function formatFlowMod(mod: FlowMod, names: FlowNames = {}): string {
  const { command, tableId } = mod;
  const head = [...cookieOf(mod), ...(tableId === allTables ? [] : [`table=${tableName(tableId, names)}`])];
  const word = command.toString().replace("-", "_");
  if (command !== "delete" && command !== "delete-strict")
    return `${word} ${joined(head)}${details(mod)}${conditions(mod, names)}${actionsText(mod, names)}`;
  const { outPort = Port.any, outGroup = Group.any, priority, match } = mod;
  const filters = [
    ...head,
    ...(outPort === Port.any ? [] : [`out_port=${portName(outPort, names)}`]),
    ...(outGroup === Group.any ? [] : [`out_group=${outGroup}`]),
  ];
  const asked = command === "delete" ? { match } : { match, priority };
  return withoutSeparator(`${word} ${joined(filters)}${conditions(asked, names)}`);
}

/** The text without what would stand in front of actions. */
function withoutSeparator(text: string): string {
  return text.replace(/[, ]+$/, "");
}

/** A cookie to set or to look for; a deletion without a mask looks for none. */
function cookieOf({ command, cookie = 0n, cookieMask = 0n }: FlowMod): readonly string[] {
  const isMasked = cookieMask !== 0n && command !== "add";
  if (isMasked) return [`cookie=${hex(cookie)}/${hex(cookieMask)}`];
  return cookie === 0n || command === "delete" || command === "delete-strict" ? [] : [`cookie=${hex(cookie)}`];
}

function details({ idleTimeoutSec = 0, hardTimeoutSec = 0, flags = {}, importance = 0 }: FlowDetails): string {
  const set = flowFlagWords.filter(([flag]) => flags[flag] === true);
  return [
    idleTimeoutSec === 0 ? "" : `idle_timeout=${idleTimeoutSec}, `,
    hardTimeoutSec === 0 ? "" : `hard_timeout=${hardTimeoutSec}, `,
    ...set.map(([, word]) => `${word} `),
    importance === 0 ? "" : `importance=${importance}, `,
  ].join("");
}

const defaultPriority = 0x8000;

function conditions({ priority = defaultPriority, match = {} }: FlowDetails, names: FlowNames): string {
  const texts = [...(priority === defaultPriority ? [] : [`priority=${priority}`]), ...formatMatch(match, names)];
  return texts.length === 0 ? "" : `${texts.join(",")} `;
}

function actionsText({ instructions = [] }: Pick<FlowMod, "instructions">, names: FlowNames): string {
  return `actions=${formatInstructions(instructions, names)}`;
}

function joined(parts: readonly string[]): string {
  return parts.map((part) => `${part}, `).join("");
}

function hex(bits: bigint): string {
  return `0x${bits.toString(16)}`;
}
