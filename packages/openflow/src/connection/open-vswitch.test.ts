/** Everything that only a real switch can prove: Open vSwitch with a dummy datapath. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Ipv4, type Mac, silentLogger, systemClock } from "@loomstack/core";
import { missingOpenVSwitch, type OpenVSwitch, startOpenVSwitch } from "@loomstack/testkit";
import fc from "fast-check";
import type { Action } from "../of13/actions.ts";
import { arbitraryFlow } from "../of13/flow.arbitrary.ts";
import { flowFingerprint, flowKey } from "../of13/flow-identity.ts";
import type { Flow } from "../of13/flow.ts";
import type { Instruction } from "../of13/instructions.ts";
import type { Match } from "../of13/match.ts";
import type { FlowMod } from "../of13/messages/flow-mod.ts";
import { flowMod } from "../of13/messages/flow-mod.ts";
import type { PacketIn } from "../of13/messages/packet-in.ts";
import { packetOut } from "../of13/messages/packet-out.ts";
import type { FieldName } from "../of13/oxm.ts";
import { fieldRow } from "../of13/oxm.ts";
import { ofPort, Port } from "../of13/ports.ts";
import { aggregateStats, switchDescription, tableStats } from "../of13/requests.ts";
import { formatFlow } from "../text/format-flow.ts";
import type { Subfield } from "../nicira/subfield.ts";
import { listenForSwitches, type SwitchListener } from "./listener.ts";
import type { SwitchConnection } from "./switch-connection.ts";

const mac1 = "52:54:00:00:00:01" as Mac;
const mac2 = "52:54:00:00:00:02" as Mac;
const group = "01:00:00:00:00:00" as Mac;
const ip = (text: string): Ipv4 => text as Ipv4;
const all = (field: FieldName): Subfield => ({ field, start: 0, bits: fieldRow(field).type.bits });
const apply = (...actions: readonly Action[]): Instruction => ({ kind: "applyActions", actions });
const goto = (tableId: number): Instruction => ({ kind: "gotoTable", tableId });
const output = (port: number): Action => ({ kind: "output", port: ofPort(port) });
const move = (from: FieldName, to: FieldName): Action => ({ kind: "move", from: all(from), to: all(to) });
const flow = (tableId: number, priority: number, match: Match, ...instructions: readonly Instruction[]): Flow => ({
  ...{ tableId, priority, cookie: 0x4c4f_0000_0000_0000n + BigInt(priority), match, instructions },
});
const pushVlan3: readonly Action[] = [
  { kind: "pushVlan", etherType: 0x8100 },
  { kind: "setField", field: "vlanVid", value: 0x1003 },
];

/** What a pipeline for virtual networks is made of. */
const pipeline: readonly Flow[] = [
  flow(
    0,
    100,
    { inPort: ofPort(5), ethSrc: mac1, ethType: 0x0800, ipv4Src: ip("192.168.0.2") },
    apply({ kind: "load", to: all("reg0"), value: 7n }),
    goto(10),
  ),
  flow(0, 101, { ethType: 0x0806, inPort: ofPort(5), ethSrc: mac1, arpSpa: ip("192.168.0.2"), arpSha: mac1 }, goto(10)),
  flow(0, 0, {}),
  flow(
    10,
    100,
    { ethType: 0x0806, reg0: 7, arpTpa: ip("192.168.0.3"), arpOp: 1 },
    apply(
      ...[
        move("ethSrc", "ethDst"),
        { kind: "setField", field: "ethSrc", value: mac2 } as const,
        { kind: "load", to: all("arpOp"), value: 2n } as const,
      ],
      ...[
        move("arpSha", "arpTha"),
        move("arpSpa", "arpTpa"),
        { kind: "setField", field: "arpSha", value: mac2 } as const,
      ],
      ...[
        { kind: "setField", field: "arpSpa", value: ip("192.168.0.3") } as const,
        { kind: "output", port: Port.inPort } as const,
      ],
    ),
  ),
  flow(20, 100, { reg0: 7, ethDst: mac2 }, apply(output(9))),
  flow(
    20,
    90,
    { reg0: 7, ethDst: { value: group, mask: group } },
    apply(output(5), output(6), ...pushVlan3, output(1)),
  ),
  flow(
    30,
    100,
    { vlanVid: 0x1003, ethDst: mac1 },
    apply(
      { kind: "popVlan" },
      { kind: "setField", field: "tunnelId", value: 100n },
      { kind: "setField", field: "tunIpv4Dst", value: ip("10.9.0.2") },
      output(2),
    ),
  ),
  flow(30, 99, { tunIpv4Src: ip("10.9.0.2"), inPort: ofPort(2) }, goto(40)),
  flow(40, 1, { tunnelId: 0x64n }, apply(...pushVlan3, output(1))),
  flow(50, 7, {}, apply({ kind: "output", port: Port.controller, maxLen: 128 })),
  flow(
    50,
    8,
    { reg5: { value: 0xff12, mask: 0xff00 }, vlanVid: 0 },
    apply(
      { kind: "setField", field: "reg3", value: 9 },
      { kind: "load", to: { field: "reg3", start: 4, bits: 8 }, value: 3n },
      { kind: "resubmit", tableId: 60 },
    ),
  ),
  flow(50, 9, { vlanVid: { value: 0x1000, mask: 0x1000 }, metadata: { value: 0xffn, mask: 0xfn } }, apply(), goto(51)),
  flow(
    51,
    9,
    {
      ethType: 0x0800,
      ipProto: 17,
      udpDst: 67,
      ipDscp: 10,
      ipFrag: 0,
      ipv4Dst: { value: ip("10.1.2.3"), mask: ip("255.255.255.0") },
    },
    apply(output(3)),
  ),
  flow(51, 10, {}, apply({ kind: "controller", reason: 0 }, { kind: "outputRegister", from: all("reg3") }), {
    kind: "writeActions",
    actions: [output(3)],
  }),
];

/** Sent and not the same in the switch, or in the switch and never sent. */
function difference(sent: readonly Flow[], dumped: readonly Flow[]): readonly string[] {
  const texts = (flows: readonly Flow[]): ReadonlySet<string> =>
    new Set(flows.map((entry) => `${flowKey(entry)} | ${flowFingerprint(entry)}`));
  return [...texts(sent).symmetricDifference(texts(dumped))];
}

describe.skipIf(missingOpenVSwitch !== undefined)(
  `with Open vSwitch${missingOpenVSwitch === undefined ? "" : ` (skipped: there is no ${missingOpenVSwitch})`}`,
  () => {
    let ovs: OpenVSwitch;
    let listener: SwitchListener;
    let connection: SwitchConnection;

    beforeAll(async () => {
      const { promise, resolve } = Promise.withResolvers<SwitchConnection>();
      ovs = await startOpenVSwitch(9);
      listener = await listenForSwitches({
        host: "127.0.0.1",
        port: 0,
        clock: systemClock,
        logger: silentLogger,
        onSwitch: resolve,
      });
      await ovs.vsctl("set-controller", "br0", `tcp:127.0.0.1:${listener.port}`);
      connection = await promise;
    }, 30_000);

    afterAll(async () => {
      connection.close("the tests are over");
      await listener[Symbol.asyncDispose]();
      await ovs[Symbol.asyncDispose]();
    });

    const add = (flows: readonly Flow[]): Promise<void> =>
      connection.applyBundle(flows.map((entry) => flowMod("add", entry)));
    const clear = (): Promise<void> => connection.applyBundle([{ kind: "flowMod", command: "delete", tableId: 0xff }]);

    test("the handshake finds the ports by number and name", async () => {
      expect(connection.dpid.toString(16).padStart(16, "0")).toBe(
        (await ovs.vsctl("get", "bridge", "br0", "datapath_id")).replaceAll(/["\n]/g, ""),
      );
      expect([...connection.ports.values()].map(({ portNo, name }) => `${name}=${portNo}`).sort()).toEqual(
        [`br0=${Port.local}`, ...Array.from({ length: 9 }, (_, index) => `p${index + 1}=${index + 1}`)].sort(),
      );
    });

    test("flows of a pipeline are dumped as they were sent, and sending them again changes nothing", async () => {
      await clear();
      await add(pipeline);
      expect(difference(pipeline, await connection.dumpFlows())).toEqual([]);
      await add(pipeline);
      expect(difference(pipeline, await connection.dumpFlows())).toEqual([]);
    });

    test("flows are printed as Open vSwitch prints them", async () => {
      await clear();
      await add(pipeline);
      const ours = (await connection.dumpFlows()).map((entry) => formatFlow(entry).replace("table=0, ", ""));
      const theirs = (await ovs.ofctl("dump-flows", "--no-stats")).split("\n").map((line) => line.trim());
      expect(ours.sort()).toEqual(theirs.filter((line) => line !== "").sort());
    });

    test("random flows are dumped as they were sent, and read by ovs-ofctl as they are printed", async () => {
      const flows = new Map(
        fc.sample(arbitraryFlow, { numRuns: 1000, seed: 1 }).map((entry) => [flowKey(entry), entry]),
      );
      await clear();
      await add([...flows.values()]);
      const dumped = await connection.dumpFlows();
      expect(difference(dumped, await connection.dumpFlowsUnread({}, (unread) => unread.read()))).toEqual([]);
      expect(difference([...flows.values()], dumped)).toEqual([]);
      await clear();
      await ovs.ofctlFile(
        "add-flows",
        [...flows.values()].map((entry) => formatFlow(entry)),
      );
      expect(difference([...flows.values()], await connection.dumpFlows())).toEqual([]);
    }, 30_000);

    test("filters of a dump are the switch's work", async () => {
      await clear();
      await add(pipeline);
      expect((await connection.dumpFlows({ tableId: 20 })).length).toBe(2);
      expect(
        (await connection.dumpFlows({ cookie: 0x4c4f_0000_0000_0064n })).every(({ priority }) => priority === 100),
      ).toBe(true);
      expect(
        (await connection.dumpFlows({ cookie: 1n, cookieMask: 1n })).every(({ cookie }) => cookie % 2n === 1n),
      ).toBe(true);
    });

    const badFlows: readonly (readonly [string, FlowMod])[] = [
      ["OFPBMC_BAD_PREREQ", flowMod("add", flow(62, 1, { ipv4Src: ip("1.2.3.4") }))],
      ["OFPBIC_BAD_TABLE_ID", flowMod("add", flow(62, 1, {}, goto(3)))],
      ["OFPBAC_BAD_OUT_GROUP", flowMod("add", flow(62, 1, {}, apply({ kind: "group", groupId: 77 })))],
      ["OFPFMFC_OVERLAP", { ...flowMod("add", flow(61, 1, { inPort: ofPort(1) })), flags: { checkOverlap: true } }],
    ];

    test.each(badFlows)("a bundle with a flow that the switch refuses with %s changes nothing", async (name, bad) => {
      await clear();
      const applied = connection.applyBundle([flowMod("add", flow(61, 1, {})), bad, flowMod("add", flow(63, 1, {}))]);
      await expect(applied).rejects.toMatchObject({
        code: "OPENFLOW__FLOW_REFUSED",
        context: { index: 1, count: 3, error: expect.stringContaining(name) as string },
      });
      expect(await connection.dumpFlows()).toEqual([]);
    });

    test("strict changes and deletions in one bundle meet only the flow with their key", async () => {
      await clear();
      const [one, two] = [flow(1, 5, { reg0: 1 }, apply(output(1))), flow(1, 6, { reg0: 1 }, apply(output(2)))];
      await add([one, two]);
      const changed: Flow = { ...one, instructions: [apply(output(3))] };
      await connection.applyBundle([flowMod("modify-strict", changed), flowMod("delete-strict", two)]);
      expect(difference([changed], await connection.dumpFlows())).toEqual([]);
    });

    test("a bundle of 20,000 flows is applied at once", async () => {
      await clear();
      const many = Array.from({ length: 20_000 }, (_, index) =>
        flow(100, index, { reg0: index, inPort: ofPort(5) }, apply(output(1 + (index % 9)))),
      );
      await add(many);
      expect(difference(many, await connection.dumpFlows({ tableId: 100 }))).toEqual([]);
      expect((await connection.request(aggregateStats({ tableId: 100 }))).flowCount).toBe(20_000);
      await clear();
      expect(await connection.dumpFlows()).toEqual([]);
    }, 30_000);

    test("changes by somebody else are told, our own are not", async () => {
      await clear();
      await connection.monitorFlows();
      await connection.monitorFlows();
      const told: string[] = [];
      const listening = connection.flowUpdates.add((updates) => {
        for (const update of updates)
          if (update.kind === "added" || update.kind === "deleted" || update.kind === "modified")
            told.push(`${update.kind} ${formatFlow(update)}`);
      });
      const ours = flow(20, 100, { reg0: 7 }, apply(output(9)));
      await add([ours, flow(21, 1, {})]);
      connection.send(flowMod("delete-strict", flow(21, 1, {})));
      await ovs.ofctl("add-flow", "cookie=0x1,table=20,priority=5,ip,actions=drop");
      await ovs.ofctl("mod-flows", "table=20,ip,actions=output:3");
      await ovs.ofctl("del-flows", "table=20,reg0=0x7");
      await connection.barrier();
      listening[Symbol.dispose]();
      expect(told).toEqual([
        "added cookie=0x1, table=20, priority=5,ip actions=drop",
        "modified cookie=0x1, table=20, priority=5,ip actions=output:3",
        `deleted ${formatFlow(ours)}`,
      ]);
    });

    test("a packet that we send out comes in where a flow says so", async () => {
      await clear();
      const data = Uint8Array.from([...[2, 0, 0, 0, 0, 2], ...[2, 0, 0, 0, 0, 1], 0x08, 0x00, ...new Uint8Array(46)]);
      await add([flow(0, 1, { inPort: ofPort(3) }, apply({ kind: "output", port: Port.controller }))]);
      const { promise, resolve } = Promise.withResolvers<PacketIn>();
      using _listening = connection.packetIns.add(resolve);
      connection.send(packetOut({ inPort: ofPort(3), actions: [{ kind: "output", port: Port.table }], data }));
      const packet = await promise;
      expect(packet).toMatchObject({
        reason: "action",
        tableId: 0,
        cookie: 0x4c4f_0000_0000_0001n,
        totalLength: data.byteLength,
        match: { inPort: 3 },
      });
      expect(Uint8Array.from(packet.data)).toEqual(data);
    });

    test("a port that comes or goes is told, and known before it is told", async () => {
      const names: string[] = [];
      const { promise, resolve } = Promise.withResolvers<undefined>();
      using _listening = connection.portStatus.add(({ reason, port }) => {
        names.push(`${reason} ${port.name} ${connection.ports.has(port.portNo)}`);
        if (reason === "delete") resolve(undefined);
      });
      await ovs.vsctl("add-port", "br0", "late", "--", "set", "Interface", "late", "type=dummy");
      await ovs.vsctl("del-port", "br0", "late");
      await promise;
      expect([names[0], names.at(-1)]).toEqual(["add late true", "delete late false"]);
    });

    test("a role with an older generation is refused", async () => {
      await connection.setRole("primary", 5n);
      await expect(connection.setRole("primary", 4n)).rejects.toThrow("refused the role primary: OFPRRFC_STALE (11,0)");
      await connection.setRole("equal", 6n);
    });

    test("the switch tells what it is", async () => {
      expect(await connection.request(switchDescription())).toMatchObject({
        manufacturer: "Nicira, Inc.",
        hardware: "Open vSwitch",
      });
      expect((await connection.request(tableStats())).length).toBe(254);
    });
  },
);
