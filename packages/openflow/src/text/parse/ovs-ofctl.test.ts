/** Flows with mistakes, compared with what the real ovs-ofctl makes of them. */
import { isLoomstackError } from "@loomstack/core";
import { describe, expect, test } from "vitest";
import { encodeMessage } from "../../of13/messages.ts";
import { compareFlows } from "./flow-comparison.fixture.ts";
import { flowLines } from "./flow-lines.samples.ts";
import { hasOvsOfctl, refusals } from "./ovs-ofctl.fixture.ts";
import { parseFlowMod } from "./parse-flow.ts";

/**
 * Why ours refuses what ovs-ofctl reads: it leaves out conditions without their prerequisites, cuts off what is too
 * long, and takes what isn't a number for zero, or for the number that it starts with.
 */
const strict =
  /has no meaning in this match|doesn't fit|is no |nothing|can't be masked|has a mask|says nothing|sets nothing|bits/;

/** How many bytes an option of a tunnel has, a text doesn't say. */
const sizeless = "tun_metadata";

/** Lines with something left out, put in or exchanged: the same ones each time. */
function mutations(count: number): readonly string[] {
  let seed = 11;
  const below = (limit: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * limit);
  };
  const pieces = [
    "0",
    "1",
    "f",
    "-",
    "+",
    "/",
    "(",
    ")",
    ",",
    "=",
    "->",
    "[",
    "]",
    "..",
    "reg0",
    "tcp",
    "*",
    ":",
    "0x",
    "256",
  ];
  return Array.from({ length: count }, () => {
    const line = flowLines[below(flowLines.length)] ?? "";
    const other = (flowLines[below(flowLines.length)] ?? "").split(",");
    const at = below(line.length);
    const piece = pieces[below(pieces.length)] ?? "";
    const parts = line.split(",");
    switch (below(4)) {
      case 0:
        return line.slice(0, at) + line.slice(at + 1);
      case 1:
        return line.slice(0, at) + piece + line.slice(at);
      case 2:
        return line.slice(0, at) + piece + line.slice(at + 1);
      default:
        return parts.with(below(parts.length), other[below(other.length)] ?? "").join(",");
    }
  });
}

/** Why ours refuses a line. */
function ourRefusalOf(line: string): string | undefined {
  try {
    encodeMessage(parseFlowMod(line), 1);
    return undefined;
  } catch (error) {
    if (!isLoomstackError(error, "OPENFLOW__INVALID_TEXT")) throw error;
    return error.context.problem.toString();
  }
}

describe.skipIf(!hasOvsOfctl)("with ovs-ofctl", () => {
  test("what is spoilt is refused by both, or means the same to both, but for known reasons", async () => {
    const lines = [...new Set(mutations(300))];
    const theirs = await refusals(["-O", "OpenFlow13", "add-flows"], lines);
    const verdicts = lines.map((line, index) => ({ line, ovs: theirs[index], ours: ourRefusalOf(line) }));
    expect(verdicts.filter(({ ovs, ours }) => ovs !== undefined && ours === undefined)).toEqual([]);
    const stricter = verdicts.filter(({ ovs, ours }) => ovs === undefined && ours !== undefined);
    expect(stricter.filter(({ ours = "" }) => !strict.test(ours))).toEqual([]);
    const read = verdicts.filter(({ ovs, ours }) => ovs === undefined && ours === undefined);
    const compared = await compareFlows(read.map(({ line }) => line));
    const others = compared.filter(({ line, meaning }) => meaning.ours !== meaning.ovs && !line.includes(sizeless));
    expect(others).toEqual([]);
  }, 60_000);
});
