import {
  allTables,
  type FlowMod,
  type FlowNames,
  type FlowStats,
  formatInstructions,
  formatMatch,
  Group,
  type Match,
  Port,
} from "@loomstack/openflow";

const flagWords = {
  sendFlowRemoved: "send_flow_rem",
  checkOverlap: "check_overlap",
  resetCounts: "reset_counts",
  noPacketCounts: "no_packet_counts",
  noByteCounts: "no_byte_counts",
} as const;

const defaultPriority = 0x8000;

/**
 * A flow that a switch has told, as ovs-ofctl prints it: with its counters and its age, or without those and all that
 * goes without saying (`dump-flows --no-stats`).
 */
export function flowLine(flow: FlowStats, names: FlowNames, hasCounters: boolean): string {
  const { cookie, tableId } = flow;
  const table = names.table?.(tableId) ?? tableId.toString();
  return ` ${joined([
    ...(hasCounters || cookie !== 0n ? [`cookie=0x${cookie.toString(16)}`] : []),
    ...(hasCounters ? [`duration=${durationText(flow)}`] : []),
    ...(hasCounters || tableId !== 0 ? [`table=${table}`] : []),
    ...(hasCounters ? [`n_packets=${flow.packetCount}`, `n_bytes=${flow.byteCount}`] : []),
    ...timeouts(flow),
  ])}${words(flow.flags)}${conditions(flow, names)}actions=${formatInstructions(flow.instructions, names)}`;
}

/** What a message does to which flows, as ovs-ofctl reads it from a file: `delete table=1, tcp`. */
export function flowModLine(mod: FlowMod, names: FlowNames = {}): string {
  const { command, cookie = 0n, cookieMask = 0n, outPort = Port.any, outGroup = Group.any, tableId } = mod;
  const takesActions = command !== "delete" && command !== "delete-strict";
  const mask = cookieMask === 0n ? "" : `/0x${cookieMask.toString(16)}`;
  const text = `${joined([
    ...(cookie === 0n && mask === "" ? [] : [`cookie=0x${cookie.toString(16)}${mask}`]),
    ...(tableId === allTables || (tableId === 0 && takesActions) ? [] : [`table=${tableId}`]),
    ...timeouts(mod),
    ...(outPort === Port.any ? [] : [`out_port=${names.port?.(outPort) ?? outPort}`]),
    ...(outGroup === Group.any ? [] : [`out_group=${outGroup}`]),
  ])}${words(mod.flags ?? {})}${conditions(mod, names)}`;
  const actions = takesActions ? `actions=${formatInstructions(mod.instructions ?? [], names)}` : "";
  return `${command} ${text}${actions}`.trimEnd().replace(/,$/, "");
}

/** Which flow it is: `cookie=0x1, table=1, priority=7,tcp `. */
export function flowConditions(
  flow: Conditions & { readonly cookie: bigint; readonly tableId: number },
  names: FlowNames,
): string {
  const { cookie, tableId } = flow;
  const head = [`cookie=0x${cookie.toString(16)}`, `table=${names.table?.(tableId) ?? tableId}`, ...timeouts(flow)];
  return `${joined(head)}${conditions(flow, names)}`;
}

/** Seconds with milliseconds, or with as many groups of three decimals as there are: `1.500s`. */
export function durationText(age: { readonly durationSec: number; readonly durationNsec: number }): string {
  const decimals = age.durationNsec
    .toString()
    .padStart(9, "0")
    .replace(/(?:000)+$/, "");
  return `${age.durationSec}${decimals === "" ? "" : `.${decimals}`}s`;
}

/** What flows and messages about flows have in common. */
interface Conditions {
  readonly idleTimeoutSec?: number | undefined;
  readonly hardTimeoutSec?: number | undefined;
  readonly priority?: number | undefined;
  readonly match?: Match | undefined;
}

function timeouts({ idleTimeoutSec = 0, hardTimeoutSec = 0 }: Conditions): readonly string[] {
  return [
    ...(idleTimeoutSec === 0 ? [] : [`idle_timeout=${idleTimeoutSec}`]),
    ...(hardTimeoutSec === 0 ? [] : [`hard_timeout=${hardTimeoutSec}`]),
  ];
}

function joined(parts: readonly string[]): string {
  return parts.map((part) => `${part}, `).join("");
}

function words(flags: FlowStats["flags"]): string {
  const set = Object.entries(flagWords).filter(([flag]) => flags[flag as keyof typeof flagWords] === true);
  return set.map(([, word]) => `${word} `).join("");
}

function conditions({ priority = defaultPriority, match = {} }: Conditions, names: FlowNames): string {
  const texts = [...(priority === defaultPriority ? [] : [`priority=${priority}`]), ...formatMatch(match, names)];
  return texts.length === 0 ? "" : `${texts.join(",")} `;
}
