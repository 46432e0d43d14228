import { isLoomstackError } from "@loomstack/core";
import { decode, encode } from "@loomstack/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { actionSamples } from "../../of13/action.samples.ts";
import { fieldSamples, notInFlows } from "../../of13/field.samples.ts";
import { arbitraryFlow } from "../../of13/flow.arbitrary.ts";
import { flowFingerprint, flowKey } from "../../of13/flow-identity.ts";
import { ofPort } from "../../of13/ports.ts";
import { decodeMessage, encodeMessage } from "../../of13/messages.ts";
import { instructions } from "../../of13/instructions.ts";
import { formatFlow, formatFlowMod } from "../format-flow.ts";
import { flowLines } from "./flow-lines.samples.ts";
import { parseActions } from "./parse-actions.ts";
import { parseFlow, parseFlowMod } from "./parse-flow.ts";
import { parseMatch } from "./parse-match.ts";

test("a flow is read with its table, priority, cookie, match and actions", () => {
  expect(parseFlow("cookie=0x9,table=3,priority=100,tcp,tp_dst=80,actions=set_field:7->reg0,resubmit(,10)")).toEqual({
    ...{ tableId: 3, priority: 100, cookie: 9n, match: { ethType: 0x0800, ipProto: 6, tcpDst: 80 } },
    instructions: [
      {
        kind: "applyActions",
        actions: [
          { kind: "setField", field: "reg0", value: 7 },
          { kind: "resubmit", inPort: 0xffff_fff8, tableId: 10 },
        ],
      },
    ],
  });
});

test("a line of dump-flows is read with its counters, timeouts and flags", () => {
  const line =
    " cookie=0x0, duration=5.25s, table=2, n_packets=7, n_bytes=9, idle_timeout=60, idle_age=4, send_flow_rem reset_counts priority=5,ip actions=drop";
  expect(parseFlow(line)).toEqual({
    ...{ tableId: 2, priority: 5, cookie: 0n, match: { ethType: 0x0800 }, instructions: [], idleTimeoutSec: 60 },
    flags: { sendFlowRemoved: true, resetCounts: true },
    counters: { durationSec: 5.25, packetCount: 7n, byteCount: 9n, idleAgeSec: 4 },
  });
});

test("a line of a flow file may start with what to do", () => {
  expect(parseFlowMod("delete_strict table=3,priority=7,reg0=1")).toEqual({
    ...{ kind: "flowMod", command: "delete-strict", tableId: 3, priority: 7, match: { reg0: 1 } },
  });
  expect(parseFlowMod("cookie=1/-1,out_port=LOCAL", { command: "delete" })).toMatchObject({
    ...{ tableId: 255, cookie: 1n, cookieMask: 2n ** 64n - 1n, outPort: 0xffff_fffe },
  });
});

test("tables and ports are read by name where there are names", () => {
  const names = {
    table: (name: string) => ({ classify: 4, route: 5 })[name],
    port: (name: string) => (name === "vm-1" ? ofPort(9) : undefined),
  };
  const flow = parseFlow('table=classify,in_port="vm-1",actions=goto_table:route', { names });
  expect(flow).toMatchObject({ tableId: 4, match: { inPort: 9 }, instructions: [{ kind: "gotoTable", tableId: 5 }] });
});

/** What ovs-ofctl's text doesn't say: how much of a packet goes to the port in a register, and which action it was. */
const saysLess = /^outputRegister|^controller/;
/** Bits of these that are zero are forgotten, and this port is none. */
const unreadable = ["in_phy_port", "dp_hash"];

const samples = [
  ...fieldSamples
    .filter(({ row }) => !notInFlows.has(row.name) && !unreadable.includes(row.matchName))
    .map(({ row, masked, match }) => ({ name: `${row.name}${masked ? " masked" : ""}`, match, instructions: [] })),
  ...actionSamples.filter(({ name }) => !saysLess.test(name)),
].map((sample) => ({ ...sample, tableId: 3, priority: 7, cookie: 5n }));

test.each(samples)("$name is read as it was before it was printed", (sample) => {
  const flow = { ...sample, instructions: decode(instructions, encode(instructions, sample.instructions)) };
  const back = parseFlow(formatFlow(flow), { consistent: false });
  expect(flowKey(back)).toBe(flowKey(flow));
  expect(flowFingerprint(back)).toBe(flowFingerprint(flow));
});

test("any flow is the same when it is printed and read", () => {
  const same = fc.property(arbitraryFlow, (flow) => {
    const back = parseFlow(formatFlow(flow), { consistent: false });
    expect(flowKey(back)).toBe(flowKey(flow));
    expect(flowFingerprint(back)).toBe(flowFingerprint(flow));
  });
  fc.assert(same, { numRuns: 500, seed: 20260722 });
});

test.each(flowLines)("%s is the same when it is read, printed and read again", (line) => {
  const mod = parseFlowMod(line);
  const again = parseFlowMod(formatFlowMod(mod));
  const keyOf = ({ tableId, priority = 0x8000, match = {} }: typeof mod): string =>
    flowKey({ tableId, priority, match });
  expect(keyOf(again)).toBe(keyOf(mod));
  expect(flowFingerprint({ cookie: 0n, instructions: again.instructions ?? [] })).toBe(
    flowFingerprint({ cookie: 0n, instructions: mod.instructions ?? [] }),
  );
});

test.each([
  "priority=5,unknown_field(32768,63,0x0102),unknown_field(65535,1,masked,0x0000123401ff) actions=drop",
  "priority=5 actions=unknown_action(77,0x01020304),output:1",
  "priority=5 actions=output:1,unknown_action(65535,0x000012340000000000000000)",
  "priority=5 actions=output:1,goto_table:3,unknown_instruction(9,0x01020304)",
])("%s, which only bytes say, is printed as it was read, and sent as it was", (text) => {
  const flow = parseFlow(text);
  expect(formatFlow(flow)).toBe(`cookie=0x0, table=0, ${text}`);
  const sent = encodeMessage(parseFlowMod(text), 1);
  const { message } = decodeMessage(sent);
  expect(message.kind === "flowMod" && formatFlowMod(message)).toBe(`add table=0, ${text}`);
});

const refusals: readonly (readonly [text: string, offset: number])[] = [
  ["in_port=1", 9],
  ["colour=1,actions=drop", 0],
  ["tp_dst=80,actions=drop", 0],
  ["ip,tp_dst=80,actions=drop", 3],
  ["tcp,tp_dst=80000,actions=drop", 11],
  ["ip,nw_src=1.2.3.4/33,actions=drop", 18],
  ["ct_state=+trk+new+trk,actions=drop", 17],
  ["nw_ttl=5/7,ip,actions=drop", 7],
  ["reg0[30..33]=1,actions=drop", 4],
  ["actions=drop,output:1", 8],
  ["actions=goto_table:1,output:1", 21],
  ["actions=fly", 8],
  ["actions=load:16->reg0[0..3]", 13],
  ["actions=move:reg0->reg1[0..3]", 19],
  ["actions=set_field:1->nw_proto", 21],
  ["actions=nat(src=1.2.3.4)", 12],
  ["actions=ct(exec(output:1))", 16],
  ["actions=ct(force)", 11],
  ["actions=mod_tp_src:9", 19],
  ["actions=learn(in_port)resubmit(,300)", 32],
  ["table=255,actions=drop", 6],
  ["unknown_field(32768,0,0x00000001),actions=drop", 14],
  ["actions=unknown_action(5,0x012)", 25],
  ["actions=output:NXM_NX_XXREG0[]", 15],
  ["ip,actions=set_field:5/1->nw_ttl", 21],
  ["vlan_tci=0x5000/0xe000,actions=drop", 9],
  ["vlan_tci=0/0xefff,actions=drop", 9],
  ["tun_metadata0,tun_metadata0,actions=drop", 14],
  ["icmp6,icmp_type=135,icmp_code=3,nd_sll=00:00:00:00:00:01,actions=drop", 32],
];

test.each(refusals)("%s is refused, and the error says where", (text, offset) => {
  let error: unknown;
  try {
    parseFlow(text);
  } catch (thrown) {
    error = thrown;
  }
  expect(isLoomstackError(error, "OPENFLOW__INVALID_TEXT") && error.context.offset).toBe(offset);
});

test("what is too long or too deep is refused at once", () => {
  expect(() => parseFlow(`actions=note:${"00".repeat(300_000)}`)).toThrow("too long");
  expect(() => parseActions(`${"clone(".repeat(5000)}${")".repeat(5000)}`)).toThrow("too deep");
  expect(() => parseMatch("reg0=0x".padEnd(500_000, "f"))).toThrow("at most 32 bits");
});

test("any text is read, or refused with a code", () => {
  const pieces = fc.constantFrom(...flowLines.flatMap((line) => line.split(/(?=[,=()>-])/)), "[", "]", "/", "*", "0x");
  const text = fc.array(pieces, { maxLength: 30 }).map((list) => list.join(""));
  const total = fc.property(text, (line) => {
    try {
      parseFlowMod(line);
    } catch (error) {
      expect(isLoomstackError(error, "OPENFLOW__INVALID_TEXT"), String(error)).toBe(true);
    }
  });
  fc.assert(total, { numRuns: 2000, seed: 7 });
});
