/** Flows over all fields, actions and instructions, through bytes, text, and the real ovs-ofctl. */
import { isDeepStrictEqual } from "node:util";
import { decode, encode } from "@loomstack/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryFlowWith, type AnyFlow } from "../../of13/any-flow.arbitrary.ts";
import { actionTexts } from "../../of13/actions.ts";
import { notInActions } from "../../of13/action.samples.ts";
import { flowFingerprint, flowKey } from "../../of13/flow-identity.ts";
import { instructions } from "../../of13/instructions.ts";
import { match, normalMatch } from "../../of13/match.ts";
import { usableRows } from "../../of13/match.arbitrary.ts";
import { formatFlow } from "../format-flow.ts";
import { compareFlows, readable } from "./flow-comparison.fixture.ts";
import { hasOvsOfctl } from "./ovs-ofctl.fixture.ts";
import { parseFlow } from "./parse-flow.ts";

const anyFlow = fc.oneof(
  arbitraryFlowWith({}),
  arbitraryFlowWith({ views: true }),
  arbitraryFlowWith({ views: true, tunMetadataSize: 4 }),
);
const flows = fc.sample(anyFlow, { numRuns: 1500, seed: 20261122 });

/** Every property of every object, and every text. */
function mentions(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) => [name, ...mentions(member)]);
}

const mentioned = new Set(flows.flatMap((flow) => mentions([flow.match, flow.instructions])));

test("the generated flows have every field and every action that Open vSwitch has", () => {
  expect(usableRows.filter(({ name }) => !mentioned.has(name)).map(({ name }) => name)).toEqual([]);
  const testsOfItsOwn = ["debugSlow", "debugRecirc"];
  const missing = [...actionTexts.keys()].filter((kind) => !mentioned.has(kind) && !testsOfItsOwn.includes(kind));
  expect(missing.sort()).toEqual([...notInActions.keys()].sort());
});

test("any match is the same when it is encoded and decoded", () => {
  const changed = flows.filter((flow) => {
    const bytes = encode(match, flow.match);
    const decoded = decode(match, bytes);
    return !isDeepStrictEqual(normalMatch(decoded), normalMatch(flow.match)) || !same(encode(match, decoded), bytes);
  });
  expect(changed).toEqual([]);
});

test("any instructions are the same when they are encoded and decoded", () => {
  for (const flow of flows) {
    const bytes = encode(instructions, flow.instructions);
    const decoded = decode(instructions, bytes);
    expect(decoded).toMatchObject(flow.instructions);
    expect(same(encode(instructions, decoded), bytes)).toBe(true);
  }
});

function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function identity(flow: Pick<AnyFlow, "tableId" | "priority" | "match" | "cookie" | "instructions">): string {
  return `${flowKey(flow)} ${flowFingerprint(flow)}`;
}

test("any flow is the same when it is printed and read", () => {
  const back = flows.map((flow) => {
    const { idleTimeoutSec = 0, hardTimeoutSec = 0, flags = {}, ...read } = parseFlow(formatFlow(flow));
    return { identity: identity(read), idleTimeoutSec, hardTimeoutSec, flags };
  });
  expect(back).toEqual(
    flows.map((flow) => {
      const { idleTimeoutSec, hardTimeoutSec, flags } = flow;
      return { identity: identity(flow), idleTimeoutSec, hardTimeoutSec, flags };
    }),
  );
});

/**
 * Where ovs-ofctl sends other bytes that mean the same: masks of all bits (flags, ERSPAN, GTP-U), loads for assignments
 * with a mask, and resubmit with a table for one without.
 */
const otherBytes =
  /ct_state=|tun_flags=|erspan|gtpu|set_field:[^>]*\/|ct_tp_|resubmit:|tun_metadata|vlan_tci=|controller\(/;

/** Masks that ovs-ofctl doesn't print. */
const unprintedMask = /tun_gbp_flags=\w+\/|tun_erspan_\w+=\w+\//;

describe.skipIf(!hasOvsOfctl)("with ovs-ofctl", () => {
  test("it takes every flow that ours prints, sends what ours sends, and prints what ours prints", async () => {
    const compared = await compareFlows(flows.map((flow) => formatFlow(flow)));
    const differences = compared.flatMap(({ line, bytes, meaning, printed, reread }, index) => {
      const flow = flows[index];
      const isPrinted =
        printed !== undefined && readable(printed.ours) === readable(printed.ovs) && reread?.ours === reread?.ovs;
      return [
        ...(meaning.ours === meaning.ovs ? [] : [{ line, meaning }]),
        ...(flow !== undefined && meaning.ovs.includes(identity(flow)) ? [] : [{ line, meaning, flow }]),
        ...(bytes.ours === bytes.ovs || otherBytes.test(line) ? [] : [{ line, bytes }]),
        ...(isPrinted || unprintedMask.test(line) ? [] : [{ line, printed, reread }]),
      ];
    });
    expect(differences).toEqual([]);
  }, 60_000);
});
