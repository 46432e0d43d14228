/** A corpus of flows as people write them, compared with what the real ovs-ofctl makes of them. */
import { isLoomstackError } from "@loomstack/core";
import { beforeAll, describe, expect, test } from "vitest";
import { encodeMessage } from "../../of13/messages.ts";
import { corpus } from "./corpus.fixture.ts";
import { type Comparison, compareFlows, readable } from "./flow-comparison.fixture.ts";
import { type DifferenceKind, flowDifferences } from "./flow-differences.samples.ts";
import { flowLines } from "./flow-lines.samples.ts";
import { hasOvsOfctl, refusals } from "./ovs-ofctl.fixture.ts";
import { parseFlowMod } from "./parse-flow.ts";

const lines = [...new Set([...corpus("flows"), ...flowLines])];

function isRead(line: string): boolean {
  try {
    encodeMessage(parseFlowMod(line), 1);
    return true;
  } catch (error) {
    if (isLoomstackError(error, "OPENFLOW__INVALID_TEXT")) return false;
    throw error;
  }
}

function known(kind: DifferenceKind): readonly string[] {
  return Object.values(flowDifferences[kind]).flat();
}

test("there are several hundred lines, and every known difference is one of them", () => {
  expect(lines.length).toBeGreaterThan(800);
  const listed = Object.values(flowDifferences).flatMap((reasons) => Object.values(reasons).flat());
  expect(listed.filter((line) => !lines.includes(line))).toEqual([]);
});

describe.skipIf(!hasOvsOfctl)("with ovs-ofctl", () => {
  let read: readonly string[];
  let compared: readonly Comparison[];

  beforeAll(async () => {
    read = lines.filter(isRead);
    const refusedByOvs = new Set(known("read by ours only"));
    compared = await compareFlows(read.filter((line) => !refusedByOvs.has(line)));
  }, 60_000);

  /** The lines for which `isSame` is false, against those that are known for `kind`. */
  function expectKnown(kind: DifferenceKind, isSame: (comparison: Comparison) => boolean): void {
    const different = compared.filter((comparison) => !isSame(comparison)).map(({ line }) => line);
    expect(different.sort()).toEqual([...known(kind)].sort());
  }

  test("a line is read by ours if, and only if, it is read by ovs-ofctl, but for known ones", async () => {
    // All others that ours reads were read by ovs-ofctl, or there were nothing to compare.
    const asked = [...lines.filter((line) => !read.includes(line)), ...known("read by ours only")];
    const refused = await refusals(["-O", "OpenFlow13", "add-flows"], asked);
    const readByOvs = asked.filter((_, index) => refused[index] === undefined);
    expect(readByOvs.sort()).toEqual([...known("read by ovs-ofctl only")].sort());
    expect(known("read by ours only").filter((line) => !read.includes(line))).toEqual([]);
  }, 60_000);

  test("it means the same to both, but for known lines", () => {
    expectKnown("other meaning", ({ meaning }) => meaning.ours === meaning.ovs);
  });

  test("both send the same bytes for what means the same, but for known lines", () => {
    const isSame = ({ bytes, meaning }: Comparison): boolean =>
      bytes.ours === bytes.ovs || meaning.ours !== meaning.ovs;
    expectKnown("other bytes", isSame);
  });

  test("both print the same for it, but for known lines", () => {
    expectKnown(
      "other print",
      ({ printed }) => printed === undefined || readable(printed.ours) === readable(printed.ovs),
    );
  });

  test("what ovs-ofctl prints for it, ours reads as what was sent, but for known lines", () => {
    expectKnown("other when read again", ({ reread }) => reread?.ours === reread?.ovs);
  });
});
