/** For tests: what ovs-ofctl makes of flows, beside what ours does. */
import { isLoomstackError } from "@loomstack/core";
import { flowFingerprint, flowKey } from "../../of13/flow-identity.ts";
import type { FlowMod } from "../../of13/messages/flow-mod.ts";
import { decodeMessage, encodeMessage } from "../../of13/messages.ts";
import { formatFlowStats } from "../format-flow.ts";
import { printedMessages, sentMessages } from "./ovs-ofctl.fixture.ts";
import { parseFlow, parseFlowMod } from "./parse-flow.ts";

/** A line that ovs-ofctl prints, in the names that it reads. */
export function readable(text: string): string {
  return text.replaceAll(/([, ])gtpu_/g, "$1tun_gtpu_");
}

/** What came of one line. */
export interface Comparison {
  readonly line: string;
  /** The messages for it, in hexadecimal digits, and what they mean. */
  readonly bytes: Pair;
  readonly meaning: Pair;
  /** What was sent for it, as a line of dump-flows; undefined where it isn't an addition, or ovs-ofctl can't read its own. */
  readonly printed: Pair | undefined;
  /** What the line that ovs-ofctl prints means, and what was printed. */
  readonly reread: Pair | undefined;
}

export interface Pair {
  readonly ours: string;
  readonly ovs: string;
}

/** @throws where ovs-ofctl doesn't take one of the lines */
export async function compareFlows(lines: readonly string[]): Promise<readonly Comparison[]> {
  const { messages, refusal } = await sentMessages(4, ["-O", "OpenFlow13", "add-flows"], lines);
  if (refusal !== undefined) throw new TypeError(`ovs-ofctl: ${refusal} (${lineOf(refusal, lines)})`);
  const sent = messages.map(flowModIn);
  const printed = await dumped(sent);
  return lines.map((line, index): Comparison => {
    const theirs = Buffer.from(messages[index] ?? []);
    const ours = encodeMessage(parseFlowMod(line), theirs.length < 8 ? 0 : theirs.readUInt32BE(4));
    const mod = sent[index];
    const text = printed.get(index);
    return {
      line,
      bytes: { ours: Buffer.from(ours).toString("hex"), ovs: theirs.toString("hex") },
      meaning: { ours: meaning(flowModIn(ours)), ovs: mod === undefined ? "nothing" : meaning(mod) },
      ...(mod === undefined || text === undefined
        ? { printed: undefined, reread: undefined }
        : {
            printed: { ours: formatFlowStats(statsOf(mod, index)), ovs: text },
            reread: { ours: reread(text), ovs: identity(mod) },
          }),
    };
  });
}

/** What a line of a dump means to ours, or why it isn't read. */
function reread(text: string): string {
  try {
    return identity(parseFlow(text));
  } catch (error) {
    if (isLoomstackError(error, "OPENFLOW__INVALID_TEXT")) return error.message;
    throw error;
  }
}

/** The line that ovs-ofctl speaks of. */
function lineOf(refusal: string, lines: readonly string[]): string {
  const [, number] = /:(\d+): /.exec(refusal) ?? [];
  return (number === undefined ? undefined : lines[Number(number) - 1]) ?? "no line";
}

type SentFlowMod = FlowMod & { readonly priority: number; readonly cookie: bigint };

function flowModIn(bytes: Uint8Array): SentFlowMod {
  const { message } = decodeMessage(bytes);
  if (message.kind !== "flowMod") throw new TypeError(`a message of the kind ${message.kind}`);
  return message;
}

function meaning(mod: SentFlowMod): string {
  const { command, idleTimeoutSec, hardTimeoutSec, cookieMask, outPort, outGroup, flags } = mod;
  const rest = [idleTimeoutSec, hardTimeoutSec, cookieMask, outPort, outGroup, JSON.stringify(flags)];
  return `${command} ${identity(mod)} ${rest.join(" ")}`;
}

function identity(flow: Pick<SentFlowMod, "tableId" | "priority" | "cookie" | "match" | "instructions">): string {
  const { tableId, priority, cookie, match = {}, instructions = [] } = flow;
  return `${flowKey({ tableId, priority, match })} ${flowFingerprint({ cookie, instructions })}`;
}

/** The flow that a message adds, as a switch tells of it: its age is its number here. */
function statsOf(mod: SentFlowMod, index: number) {
  const { tableId, priority, idleTimeoutSec = 0, hardTimeoutSec = 0, flags = {}, cookie } = mod;
  const { match = {}, instructions = [] } = mod;
  return {
    ...{ tableId, priority, idleTimeoutSec, hardTimeoutSec, flags, cookie, match, instructions },
    ...{ durationSec: index, durationNsec: 0, packetCount: 5n, byteCount: 7n },
  } as Parameters<typeof formatFlowStats>[0];
}

/** The additions of a list as ovs-ofctl prints them in dumps, by their indices. */
async function dumped(mods: readonly SentFlowMod[]): Promise<ReadonlyMap<number, string>> {
  const replies = mods.flatMap((mod, index) => {
    const entries = [statsOf(mod, index)];
    return mod.command === "add" ? [encodeMessage({ kind: "multipartReply", body: { kind: "flow", entries } }, 1)] : [];
  });
  const lines = (await printedMessages(replies)).split("\n").map((line) => line.trim());
  return new Map(lines.flatMap((line) => [...line.matchAll(/duration=(\d+)s/g)].map(([, age]) => [Number(age), line])));
}
