import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { isLoomstackError } from "@loomstack/core";
import { describe, expect, test } from "vitest";
import { parseFlow, parseFlowMod } from "../../text/parse/parse-flow.ts";
import { encodeMessage } from "../messages.ts";
import { checkFlow, inconsistencyOf } from "./consistency.ts";
import { doubtfulFlows } from "./doubtful-flows.samples.ts";

const run = promisify(execFile);
const program = "/usr/bin/ovs-ofctl";

/** Why ours doesn't take a flow. */
function problemOf(line: string): string | undefined {
  return inconsistencyOf(parseFlow(line, { consistent: false }))?.problem;
}

describe.skipIf(!existsSync(program))("with ovs-ofctl", () => {
  test("a flow fits together for ours if and only if it does for Open vSwitch in OpenFlow 1.3", async () => {
    const messages = doubtfulFlows.map((line, index) =>
      encodeMessage(parseFlowMod(line, { consistent: false }), index),
    );
    const folder = await mkdtemp(path.join(tmpdir(), "doubtful-flows-"));
    let printed: string;
    try {
      await writeFile(path.join(folder, "messages"), Buffer.concat(messages));
      printed = (await run(program, ["ofp-parse", path.join(folder, "messages")], { maxBuffer: 2 ** 26 })).stdout;
    } finally {
      await rm(folder, { recursive: true });
    }
    // It decodes each message as a switch does, and says which it would refuse.
    const theirs = printed.split(/(?=^OFPT_FLOW_MOD)/m).map((text) => text.includes("***decode error: "));
    const ours = doubtfulFlows.map((line) => problemOf(line) !== undefined);
    expect(theirs).toHaveLength(doubtfulFlows.length);
    expect(doubtfulFlows.filter((_, index) => ours[index] !== theirs[index])).toEqual([]);
    expect(new Set(theirs).size).toBe(2);
  });
});

test.each([
  ["actions=dec_ttl", "ip or ipv6"],
  ["ip,actions=set_field:80->tcp_dst", "tcp or tcp6"],
  ["actions=set_field:1->mpls_tc", "mpls or mplsm"],
  ["actions=pop_vlan", "dl_vlan"],
  ["icmp6,actions=set_field:::1->nd_target", "icmp6,icmp_type=135 or 136"],
  ["ip,nw_frag=later,nw_proto=6,actions=set_field:80->tcp_dst", "nw_frag=not_later"],
  ["actions=resubmit(,1,ct)", "ct_state"],
])("%s is refused with what the match lacks: %s", (line, lack) => {
  expect(problemOf(line)).toContain(lack);
});

test("the error names the action, what it needs, and what to add", () => {
  const flow = {
    match: { ethType: 0x0806 },
    instructions: [{ kind: "applyActions", actions: [{ kind: "decNwTtl" }] }],
  };
  expect(() => {
    checkFlow(flow as Parameters<typeof checkFlow>[0]);
  }).toThrow(
    "'dec_ttl' needs packets with ip or ipv6, which the flow's aren't known to be: give it in a flow that has ip or ipv6 in its match",
  );
});

test("a text is refused at the action that doesn't fit, also in a list inside of another", () => {
  const offsetIn = (text: string): unknown => {
    try {
      return parseFlow(text);
    } catch (error) {
      return isLoomstackError(error, "OPENFLOW__INVALID_TEXT") && error.context.offset;
    }
  };
  expect(offsetIn("actions=output:1,dec_ttl")).toBe(17);
  expect(offsetIn("actions=clone(output:1,pop_vlan),2")).toBe(23);
  expect(offsetIn("table=3,actions=output:1,goto_table:3")).toBe(25);
  expect(offsetIn("actions=goto_table:3")).toMatchObject({ tableId: 0 });
});

test("unless actions need not fit, as in OpenFlow 1.0", () => {
  expect(parseFlow("actions=pop_vlan,1", { consistent: false }).instructions).toHaveLength(1);
});
