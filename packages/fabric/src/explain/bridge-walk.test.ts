import type { Ipv4, Mac, OfPort } from "@loomstack/core";
import { type Flow, parseFlow, Port } from "@loomstack/openflow";
import { expect, test } from "vitest";
import { walkBridge } from "./bridge-walk.ts";
import type { Packet } from "./packet.ts";

const inPort = 5 as OfPort;
const packet: Packet = {
  ...{ inPort, ethSrc: "02:00:00:00:00:01" as Mac, ethDst: "02:00:00:00:00:02" as Mac, ethType: 0x0800 },
  ...{ ipv4Src: "10.0.0.1" as Ipv4, ipv4Dst: "10.0.0.2" as Ipv4 },
};
const walk = (...flows: readonly string[]) =>
  walkBridge(
    flows.map((text) => parseFlow(text)),
    packet,
  );
/** The ports that a walk outputs to, without those that are skipped. */
const ports = (...flows: readonly string[]): readonly number[] =>
  walk(...flows).flatMap(({ outputs }) => outputs.filter(({ isSkipped }) => !isSkipped).map(({ port }) => port));

test("of several flows the one with the highest priority takes the packet, in whatever order they are", () => {
  const flows = ["priority=1,actions=output:1", "priority=3,ip,actions=output:3", "priority=2,actions=output:2"];
  expect(ports(...flows)).toEqual([3]);
  expect(ports(...flows.toReversed())).toEqual([3]);
});

test("conditions count with their masks, and those of another protocol or of a tag don't take it", () => {
  expect(ports("priority=2,ip,nw_src=10.0.0.0/24,actions=output:1", "priority=1,actions=output:2")).toEqual([1]);
  for (const match of ["ip,nw_src=10.0.1.0/24", "arp", "dl_vlan=1", "in_port=6", "reg0=1", "tun_id=7"])
    expect(ports(`priority=2,${match},actions=output:1`, "priority=1,actions=output:2")).toEqual([2]);
});

test("what a flow writes is seen by the tables behind it, and each output has the packet as it is then", () => {
  const visits = walk(
    "table=0,actions=load:7->NXM_NX_REG0[],output:1,push_vlan:0x8100,set_field:4100->vlan_vid,output:2,goto_table:9",
    "table=9,reg0=7,dl_vlan=4,actions=pop_vlan,move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],output:3",
  );
  const seen = visits.flatMap(({ outputs }) => outputs.map(({ port, packet: out }) => [port, out.vlanVid, out.ethDst]));
  expect(seen).toEqual([
    [1, undefined, packet.ethDst],
    [2, 0x1004, packet.ethDst],
    [3, undefined, packet.ethSrc],
  ]);
});

test("a packet goes back out of its port only when it is sent to IN_PORT", () => {
  expect(ports("actions=output:5,output:6,IN_PORT")).toEqual([6, Port.inPort]);
});

test("a packet that no flow takes ends in that table", () => {
  expect(walk("actions=goto_table:3")).toMatchObject([{ tableId: 0 }, { tableId: 3, flow: undefined, outputs: [] }]);
});

test.each([
  ["group:1", "action group:1"],
  ["NORMAL", "action NORMAL"],
  ["resubmit(,3)", "action resubmit(,3)"],
  ["push_vlan:0x8100,push_vlan:0x8100", "action push_vlan:0x8100"],
  ["write_actions(output:1)", "instruction writeActions"],
  ["meter:1,output:1", "instruction meter"],
])("%s isn't understood: the walk ends there, and nothing is guessed", (actions, what) => {
  const [visit, ...others] = walk(`actions=${actions}`, "table=3,actions=output:1");
  expect(visit?.obstacle).toBe(`this flow's ${what} isn't understood`);
  expect(others).toEqual([]);
});

test("a condition on a field that nobody knows isn't understood", () => {
  const unknown = { oxmClass: 0x8000, number: 99, hasMask: false, bytes: new Uint8Array(4) };
  const flow: Flow = { ...parseFlow("actions=output:1"), match: { unknown: [unknown] } };
  expect(walkBridge([flow], packet)).toMatchObject([
    { outputs: [], obstacle: expect.stringContaining("match field") as string },
  ]);
});
