import type { FlowRequest } from "@loomstack/model";
import { isLoomstackError } from "@loomstack/core";
import type { OpenFlowVersion, SwitchConnection } from "@loomstack/openflow";
import { expect, test } from "vitest";
import { type CheckedFlow, checkedFlow } from "./flow-request.ts";

const dpid = "00000000000000a1";
const speaking = (version: OpenFlowVersion): SwitchConnection =>
  ({
    version,
    ports: new Map([[5, { portNo: 5, name: "eth5" }]]),
  }) as unknown as Partial<SwitchConnection> as SwitchConnection;

function check(request: FlowRequest, version?: OpenFlowVersion): CheckedFlow {
  return checkedFlow(request, dpid, version && speaking(version));
}

function refusal(request: FlowRequest, version?: OpenFlowVersion): { code: string; message: string } {
  try {
    check(request, version);
  } catch (error) {
    if (isLoomstackError(error)) return { code: error.code, message: error.message };
    throw error;
  }
  return { code: "none", message: "" };
}

const parts = (match: Readonly<Record<string, string | number | boolean>>, actions: string | string[] = "drop") =>
  ({ table: 0, priority: 7, match, actions }) as const;

test.each<[FlowRequest, Partial<CheckedFlow>]>([
  [{ flow: "in_port=1 actions=output:2" }, { tableId: 0, priority: 32_768, match: "in_port=1", actions: "output:2" }],
  [{ flow: "table=3,priority=0,actions=drop" }, { tableId: 3, priority: 0, match: "", actions: "drop" }],
  [{ flow: "tcp,nw_dst=10.1.2.3/8,tp_dst=80,actions=2,CONTROLLER:64" }, { match: "tcp,nw_dst=10.0.0.0/8,tp_dst=80" }],
  [{ flow: "udp6,tp_src=53 actions=drop" }, { match: "udp6,tp_src=53" }],
  [
    parts({ in_port: 1, dl_vlan: 100 }, "strip_vlan,output:2"),
    { match: "in_port=1,dl_vlan=100", actions: "pop_vlan,output:2" },
  ],
  [parts({ dl_vlan: "0xffff" }), { match: expect.stringContaining("vlan_tci=0x0000") as string }],
  [parts({ ip: true, nw_src: "10.0.0.0/255.0.0.0", tcp: false }), { match: "ip,nw_src=10.0.0.0/8" }],
  [parts({ dl_type: "0x0800", nw_proto: 6, tp_dst: 22 }), { match: "tcp,tp_dst=22" }],
  [parts({ dl_dst: "01:00:00:00:00:00/01:00:00:00:00:00" }, "FLOOD"), { actions: "FLOOD" }],
  [
    parts({}, ["mod_vlan_vid:100", "output:2"]),
    { match: "", actions: "push_vlan:0x8100,set_field:4196->vlan_vid,output:2" },
  ],
  [parts({ ipv6: true, ipv6_dst: "2001:db8::/32" }), { match: "ipv6,ipv6_dst=2001:db8::/32" }],
  [parts({}, "goto_table:2"), { actions: "goto_table:2" }],
])("%j is kept as %j", (request, kept) => {
  expect(check(request)).toMatchObject(kept);
});

test("flows that mean the same have the same key", () => {
  const key = (flow: string): string => check({ flow: `${flow} actions=drop` }).key;
  expect(key("tcp,nw_dst=10.9.9.9/8")).toBe(key("nw_dst=10.0.0.0/8,dl_type=0x800,nw_proto=6,priority=0x8000"));
});

test.each<[FlowRequest, string]>([
  [{ flow: "in_port=1" }, "actions="],
  [{ flow: "in_prot=1 actions=drop" }, "in_prot"],
  [{ flow: "table=255 actions=drop" }, "table"],
  [{ flow: "priority=65536 actions=drop" }, "priority"],
  [{ flow: "priority=x actions=drop" }, "priority"],
  [{ flow: "in_port=1 actions=fly" }, "fly"],
  [{ flow: "nw_src=10.0.0.1 actions=drop" }, "'nw_src'"],
  [{ flow: "tcp,nw_src=10.0.0.256 actions=drop" }, "10.0.0.256"],
  [{ flow: "ip,tp_dst=80 actions=drop" }, "tp_dst"],
  [{ flow: "dl_vlan=4096 actions=drop" }, "4096"],
  [{ flow: "dl_src=nowhere actions=drop" }, "nowhere"],
  [{ flow: "in_port=1,nw_proto=6 actions=drop" }, "nw_proto"],
  [{ flow: "table=2 actions=goto_table:2" }, "goto_table:2"],
  [{ flow: "idle_timeout=5,in_port=1 actions=drop" }, "idle_timeout"],
  [{ flow: "cookie=0x4c53,in_port=1 actions=drop" }, "cookie"],
  [parts({ "in_port=1,dl_vlan": 5 }), "in_port=1,dl_vlan"],
  [parts({ in_port: "1,dl_vlan=5" }), "1,dl_vlan=5"],
  [parts({ in_port: "1 actions=NORMAL" }), "in_port"],
  [parts({ actions: "drop" }), "actions"],
  [parts({ table: 5 }), "table"],
  [parts({}, ["drop", "output:1"]), "drop"],
])("%j is refused with what is wrong", (request, words) => {
  const { code, message } = refusal(request);
  expect(["FABRIC__FLOW_INVALID", "OPENFLOW__INVALID_TEXT"]).toContain(code);
  expect(message).toContain(words);
});

test("what the switch's version of OpenFlow can't say is refused, and what it can is not", () => {
  const tagged = { flow: "in_port=1 actions=mod_vlan_vid:100,output:2" };
  const pushed = { flow: "in_port=1 actions=push_vlan:0x8100,set_field:4196->vlan_vid,output:2" };
  expect([refusal(tagged, "1.0").code, refusal(tagged, "1.3").code, refusal(pushed, "1.3").code]).toEqual([
    "none",
    "none",
    "none",
  ]);
  for (const flow of [pushed, { flow: "ipv6,ipv6_src=2001:db8::1 actions=drop" }, { flow: "actions=goto_table:1" }])
    expect(refusal(flow, "1.0")).toMatchObject({
      code: "FABRIC__FLOW_NOT_EXPRESSIBLE",
      message: expect.stringContaining("OpenFlow 1.0, which switch 00000000000000a1 speaks") as string,
    });
});

test("ports go by their names, too, while the switch is there to tell them", () => {
  const named = { flow: "in_port=eth5 actions=output:eth5" };
  expect(check(named, "1.3")).toMatchObject({ match: "in_port=5", actions: "output:5" });
  expect(refusal(named).code).toBe("OPENFLOW__INVALID_TEXT");
});
