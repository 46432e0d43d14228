import type { Ipv4, Ipv6, Mac } from "@loomstack/core";
import {
  type Action,
  type FieldName,
  fieldRow,
  type Flow,
  flowMod,
  formatFlow,
  formatMatch,
  type Instruction,
  type Match,
  ofPort,
  Port,
} from "@loomstack/openflow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FakeSwitch } from "./fake-switch.ts";
import { missingOpenVSwitch, type OpenVSwitch, startOpenVSwitch } from "./open-vswitch.ts";
import type { Packet } from "./packet.ts";

const mac1 = "52:54:00:00:00:01" as Mac;
const mac2 = "52:54:00:00:00:02" as Mac;
const broadcast = "ff:ff:ff:ff:ff:ff" as Mac;
const group = "01:00:00:00:00:00" as Mac;
const ip1 = "192.168.0.2" as Ipv4;
const ip2 = "192.168.0.3" as Ipv4;
const remote = "10.9.0.2" as Ipv4;

const flow = (tableId: number, priority: number, match: Match, ...instructions: readonly Instruction[]): Flow => ({
  tableId,
  priority,
  cookie: 1n,
  match,
  instructions,
});
const apply = (...actions: readonly Action[]): Instruction => ({ kind: "applyActions", actions });
const goto = (tableId: number): Instruction => ({ kind: "gotoTable", tableId });
const output = (port: number): Action => ({ kind: "output", port: ofPort(port) });
const whole = (field: FieldName) => ({ field, start: 0, bits: fieldRow(field).type.bits });
const move = (from: FieldName, to: FieldName): Action => ({ kind: "move", from: whole(from), to: whole(to) });
const tag = (vid: number): readonly Action[] => [
  { kind: "pushVlan", etherType: 0x8100 },
  { kind: "setField", field: "vlanVid", value: 0x1000 + vid },
];

/** Two guests of one network on ports 5 and 6, a tunnel on port 2. */
const network: readonly Flow[] = [
  flow(
    0,
    100,
    { inPort: ofPort(5), ethSrc: mac1, ethType: 0x0800, ipv4Src: ip1 },
    apply({ kind: "load", to: whole("reg0"), value: 7n }),
    goto(20),
  ),
  flow(
    0,
    100,
    { inPort: ofPort(5), ethSrc: mac1, ethType: 0x0806, arpSpa: ip1, arpSha: mac1 },
    apply({ kind: "load", to: whole("reg0"), value: 7n }),
    goto(10),
  ),
  flow(
    0,
    90,
    { inPort: ofPort(2), tunIpv4Src: remote, tunnelId: 100n },
    apply({ kind: "setField", field: "reg0", value: 7 }, { kind: "resubmit", tableId: 20 }, output(9)),
  ),
  flow(
    0,
    80,
    { inPort: ofPort(1), vlanVid: 0x1003 },
    apply({ kind: "popVlan" }, { kind: "setField", field: "tunnelId", value: 100n }),
    goto(30),
  ),
  flow(
    10,
    100,
    { ethType: 0x0806, reg0: 7, arpTpa: ip2, arpOp: 1 },
    apply(
      ...[
        move("ethSrc", "ethDst"),
        { kind: "setField", field: "ethSrc", value: mac2 } as const,
        { kind: "load", to: whole("arpOp"), value: 2n } as const,
      ],
      ...[
        move("arpSha", "arpTha"),
        move("arpSpa", "arpTpa"),
        { kind: "setField", field: "arpSha", value: mac2 } as const,
      ],
      ...[{ kind: "setField", field: "arpSpa", value: ip2 } as const, { kind: "output", port: Port.inPort } as const],
    ),
  ),
  flow(10, 0, {}, goto(20)),
  flow(20, 100, { reg0: 7, ethDst: mac2 }, apply(output(6))),
  flow(20, 90, { reg0: 7, ethDst: { value: group, mask: group } }, apply(output(5), output(6), ...tag(3), output(1))),
  flow(
    30,
    0,
    {},
    apply({ kind: "setField", field: "tunIpv4Dst", value: remote }, output(2), {
      kind: "output",
      port: Port.controller,
      maxLen: 64,
    }),
  ),
];

const arpRequest: Packet = {
  ethSrc: mac1,
  ethDst: broadcast,
  ethType: 0x0806,
  arpOp: 1,
  arpSpa: ip1,
  arpTpa: ip2,
  arpSha: mac1,
};
const ipPacket: Packet = {
  ethSrc: mac1,
  ethDst: mac2,
  ethType: 0x0800,
  ipProto: 1,
  ipv4Src: ip1,
  ipv4Dst: ip2,
  icmpv4Type: 8,
};
const ports = (fake: FakeSwitch, packet: Packet, inPort: number): readonly number[] =>
  fake.inject(packet, ofPort(inPort)).outputs.map(({ port }) => port);

test("a packet goes from table to table with what the flows write down on the way", () => {
  const walk = FakeSwitch.with(network).inject(ipPacket, ofPort(5));
  expect(walk.outputs).toEqual([{ port: 6, packet: ipPacket }]);
  expect(walk.path.map(({ tableId }) => tableId)).toEqual([0, 20]);
});

test("a question for an address is answered out of the port that it came in by", () => {
  const answer: Packet = {
    ethSrc: mac2,
    ethDst: mac1,
    ethType: 0x0806,
    arpOp: 2,
    arpSpa: ip2,
    arpTpa: ip1,
    arpSha: mac2,
    arpTha: mac1,
  };
  expect(FakeSwitch.with(network).inject(arpRequest, ofPort(5)).outputs).toEqual([{ port: 5, packet: answer }]);
});

test("a packet that no flow takes is dropped", () => {
  expect(FakeSwitch.with(network).inject({ ...ipPacket, ipv4Src: ip2 }, ofPort(5))).toEqual({ outputs: [], path: [] });
});

test("a broadcast doesn't go back, and each copy leaves as the packet is at that moment", () => {
  const packet: Packet = { ...ipPacket, ethDst: broadcast };
  expect(FakeSwitch.with(network).inject(packet, ofPort(5)).outputs).toEqual([
    { port: 6, packet },
    { port: 1, packet: { ...packet, vlanVid: 0x1003 } },
  ]);
});

test("a packet leaves with its tunnel, and without its tag", () => {
  const [first, second] = FakeSwitch.with(network).inject({ ...ipPacket, vlanVid: 0x1003 }, ofPort(1)).outputs;
  expect(first).toEqual({ port: 2, packet: { ...ipPacket, tunnelId: 100n, tunIpv4Dst: remote } });
  expect(second?.port).toBe(Port.controller);
});

test("a packet that becomes one of another kind leaves without the fields of what it was", () => {
  const solicitation: Packet = {
    ethSrc: mac1,
    ethType: 0x86dd,
    ipProto: 58,
    icmpv6Type: 135,
    ndTarget: "2001:db8::2" as Ipv6,
    ndSll: mac1,
  };
  const nd = { ethType: 0x86dd, ipProto: 58 } as const;
  const become = apply({ kind: "setField", field: "icmpv6Type", value: 136 });
  const fill = apply({ kind: "setField", field: "ndTll", value: mac2 }, { kind: "output", port: Port.inPort });
  const fake = FakeSwitch.with([
    flow(0, 1, { ...nd, icmpv6Type: 135 }, become, goto(1)),
    flow(1, 1, { ...nd, icmpv6Type: 136 }, fill),
  ]);
  const { ndSll: _, ...rest } = solicitation;
  expect(fake.inject(solicitation, ofPort(5)).outputs).toEqual([
    { port: 5, packet: { ...rest, icmpv6Type: 136, ndTll: mac2 } },
  ]);
});

test("after a resubmit the remaining actions are taken, with the packet as it has become", () => {
  expect(ports(FakeSwitch.with(network), { ...ipPacket, tunnelId: 100n, tunIpv4Src: remote }, 2)).toEqual([6, 9]);
});

test("of two flows for a packet, that with the higher priority takes it", () => {
  const fake = FakeSwitch.with([flow(0, 1, {}, apply(output(1))), flow(0, 2, { ethType: 0x0806 }, apply(output(2)))]);
  expect(ports(fake, arpRequest, 5)).toEqual([2]);
  expect(ports(fake, ipPacket, 5)).toEqual([1]);
});

test("a flow with the key of another replaces it; a change keeps its cookie, and changes nothing where there is no flow", () => {
  const fake = FakeSwitch.with([flow(0, 1, {}, apply(output(1)))]);
  const replacement = { ...flow(0, 1, {}, apply(output(2))), cookie: 9n };
  fake.apply([flowMod("modify-strict", replacement), flowMod("modify-strict", flow(0, 2, {}))]);
  expect(fake.flows).toEqual([{ ...replacement, cookie: 1n }]);
  fake.apply([flowMod("add", replacement)]);
  expect(fake.flows).toEqual([replacement]);
  fake.apply([flowMod("delete-strict", flow(0, 2, {})), flowMod("delete-strict", replacement)]);
  expect(fake.flows).toEqual([]);
});

test("flows can be deleted by table and by cookie", () => {
  const fake = FakeSwitch.with([
    flow(0, 1, {}),
    { ...flow(1, 1, {}), cookie: 0x12n },
    { ...flow(1, 2, {}), cookie: 0x22n },
  ]);
  fake.apply([{ kind: "flowMod", command: "delete", tableId: 1, cookie: 0x10n, cookieMask: 0xf0n }]);
  expect(fake.flows.map(({ cookie }) => cookie)).toEqual([1n, 0x22n]);
  fake.apply([{ kind: "flowMod", command: "delete", tableId: 0xff }]);
  expect(fake.flows).toEqual([]);
});

const refused: readonly (readonly [string, Flow])[] = [
  ["OFPBMC_BAD_PREREQ", flow(0, 1, { ipv4Src: ip1 })],
  ["OFPBMC_BAD_PREREQ", flow(0, 1, { vlanPcp: 1 })],
  ["OFPBIC_BAD_TABLE_ID", flow(5, 1, {}, goto(5))],
  ["the action group", flow(0, 1, {}, apply({ kind: "group", groupId: 1 }))],
  ["the instruction writeActions", flow(0, 1, {}, { kind: "writeActions", actions: [] })],
  ["a reserved port", flow(0, 1, {}, apply({ kind: "output", port: Port.normal }))],
];

test.each(refused)("%s is refused, and nothing of its bundle is applied", (reason, bad) => {
  const fake = new FakeSwitch();
  expect(() => fake.apply([flowMod("add", flow(0, 9, {})), flowMod("add", bad)])).toThrow(reason);
  expect(fake.flows).toEqual([]);
});

test("a packet that goes in circles is an error, not a test that hangs", () => {
  const fake = FakeSwitch.with([flow(0, 1, {}, apply({ kind: "resubmit", tableId: 0 }))]);
  expect(() => fake.inject(ipPacket, ofPort(5))).toThrow("a walk of more than");
});

describe.skipIf(missingOpenVSwitch !== undefined)(
  `like Open vSwitch${missingOpenVSwitch === undefined ? "" : ` (skipped: there is no ${missingOpenVSwitch})`}`,
  () => {
    let ovs: OpenVSwitch;
    beforeAll(async () => {
      ovs = await startOpenVSwitch(9);
    }, 30_000);
    afterAll(() => ovs[Symbol.asyncDispose]());

    const packets: readonly (readonly [string, Packet, number])[] = [
      ["an IP packet", ipPacket, 5],
      ["a broadcast", { ...ipPacket, ethDst: broadcast }, 5],
      ["a question for an address", arpRequest, 5],
      ["a question for another address", { ...arpRequest, arpTpa: "192.168.0.4" as Ipv4 }, 5],
      ["a stolen address", { ...ipPacket, ipv4Src: ip2 }, 5],
    ];

    test.each(packets)("%s goes where ofproto/trace says", async (_, packet, inPort) => {
      const fake = FakeSwitch.with(network);
      await ovs.ofctl("del-flows");
      await ovs.ofctlFile(
        "add-flows",
        network.map((entry) => formatFlow(entry)),
      );
      const trace = await ovs.appctl(
        "ofproto/trace",
        "br0",
        formatMatch({ ...packet, inPort: ofPort(inPort) }).join(","),
      );
      const actions = /Datapath actions: (.*)/.exec(trace)?.[1] ?? "";
      const traced =
        actions === "drop"
          ? []
          : actions
              .replaceAll(/\w+\((?:[^()]|\([^()]*\))*\)/g, "")
              .split(",")
              .filter((part) => /^\d+$/.test(part))
              .map(Number);
      expect(ports(fake, packet, inPort)).toEqual(traced);
    });
  },
);
