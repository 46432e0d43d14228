/** Switches that speak another version than 1.3, as Open vSwitch plays them. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Ipv4, isLoomstackError, silentLogger, systemClock } from "@loomstack/core";
import { missingOpenVSwitch, type OpenVSwitch, startOpenVSwitch } from "@loomstack/testkit";
import { actionSamples } from "../of13/action.samples.ts";
import type { Action } from "../of13/actions.ts";
import { flowFingerprint, flowKey } from "../of13/flow-identity.ts";
import type { Flow } from "../of13/flow.ts";
import type { Instruction } from "../of13/instructions.ts";
import type { Match } from "../of13/match.ts";
import { flowMod } from "../of13/messages/flow-mod.ts";
import { packetOut } from "../of13/messages/packet-out.ts";
import { ofPort, Port } from "../of13/ports.ts";
import {
  aggregateStats,
  asyncConfig,
  echo,
  groupDescriptions,
  meterConfigs,
  portDescriptions,
  portStats,
  queueStats,
  switchDescription,
  tableStats,
} from "../of13/requests.ts";
import type { FlowUpdate } from "../onf/flow-monitor.ts";
import type { OpenFlowVersion } from "../version/version.ts";
import { changeAsyncConfig } from "./async-config.ts";
import { listenForSwitches, type SwitchListener } from "./listener.ts";
import type { SwitchConnection } from "./switch-connection.ts";

const reason = missingOpenVSwitch === undefined ? "" : ` (skipped: there is no ${missingOpenVSwitch})`;
const frame = Uint8Array.from([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00, ...new Uint8Array(46)]);
const ip = (text: string): Ipv4 => text as Ipv4;
const output = (port: number): Action => ({ kind: "output", port: ofPort(port) });
const apply = (...actions: readonly Action[]): Instruction => ({ kind: "applyActions", actions });
const flow = (tableId: number, priority: number, match: Match, ...instructions: readonly Instruction[]): Flow => ({
  ...{ tableId, priority, cookie: 0x4c00n + BigInt(priority), match, instructions },
});
const identities = (flows: readonly Flow[]): readonly string[] =>
  flows.map((entry) => `${flowKey(entry)} | ${flowFingerprint(entry)}`).sort();

/** What every version can say. */
const plainFlows: readonly Flow[] = [
  flow(0, 1, {}),
  flow(
    0,
    2,
    { inPort: ofPort(1), vlanVid: 0 },
    apply({ kind: "pushVlan", etherType: 0x8100 }, { kind: "setField", field: "vlanVid", value: 0x1064 }, output(2)),
  ),
  flow(0, 3, { inPort: ofPort(2), vlanVid: 0x1064, vlanPcp: 3 }, apply({ kind: "popVlan" }, output(1))),
  flow(
    1,
    4,
    {
      ethType: 0x0800,
      ipv4Src: { value: ip("10.1.0.0"), mask: ip("255.255.0.0") },
      ipDscp: 10,
      ipProto: 6,
      tcpDst: 80,
    },
    apply(
      { kind: "setField", field: "ipv4Dst", value: ip("10.9.9.9") },
      { kind: "setField", field: "tcpDst", value: 8080 },
      output(3),
    ),
  ),
  flow(
    2,
    5,
    { ethType: 0x0806, arpOp: 1, arpTpa: ip("10.0.0.1") },
    apply({ kind: "output", port: Port.controller, maxLen: 128 }),
  ),
  flow(
    2,
    6,
    { ethType: 0x0800, ipProto: 1, icmpv4Type: 8, icmpv4Code: 0 },
    apply({ kind: "output", port: Port.normal }),
  ),
];

interface Scene extends AsyncDisposable {
  readonly ovs: OpenVSwitch;
  readonly listener: SwitchListener;
  readonly connection: SwitchConnection;
}

/** @param others protocols that the switch speaks, too */
async function sceneOf(version: OpenFlowVersion, ...others: readonly string[]): Promise<Scene> {
  const ovs = await startOpenVSwitch(4);
  const { promise, resolve } = Promise.withResolvers<SwitchConnection>();
  const listener = await listenForSwitches({
    ...{ host: "127.0.0.1", port: 0, clock: systemClock, logger: silentLogger },
    versions: ["1.0", "1.3", "1.5"],
    onSwitch: resolve,
  });
  const protocols = [`OpenFlow${version.replace(".", "")}`, ...others].join(",");
  await ovs.vsctl(
    "set",
    "bridge",
    "br0",
    `protocols=${protocols}`,
    "--",
    "set-controller",
    "br0",
    `tcp:127.0.0.1:${listener.port}`,
  );
  const connection = await promise;
  return {
    ovs,
    listener,
    connection,
    async [Symbol.asyncDispose]() {
      connection.close("the tests are over");
      await listener[Symbol.asyncDispose]();
      await ovs[Symbol.asyncDispose]();
    },
  };
}

describe.skipIf(missingOpenVSwitch !== undefined).each(["1.0", "1.5"] as const)(`OpenFlow %s${reason}`, (version) => {
  let scene: Scene;
  let connection: SwitchConnection;

  beforeAll(async () => {
    scene = await sceneOf(version);
    connection = scene.connection;
  }, 30_000);
  afterAll(async () => scene[Symbol.asyncDispose]());

  const clear = (): Promise<void> => connection.apply([{ kind: "flowMod", command: "delete", tableId: 0xff }]);

  test("the handshake tells what the switch is, and its ports", async () => {
    expect(connection.version).toBe(version);
    expect(connection.features).toMatchObject({ tableCount: 254, capabilities: { flowStats: true, portStats: true } });
    expect([...connection.ports.values()].map(({ portNo, name }) => `${name}=${portNo}`).sort()).toEqual(
      [`br0=${Port.local}`, "p1=1", "p2=2", "p3=3", "p4=4"].sort(),
    );
    expect(await connection.request(portDescriptions())).toHaveLength(5);
    expect(await connection.request(switchDescription())).toMatchObject({ hardware: "Open vSwitch" });
    expect(await connection.request(echo(Uint8Array.of(7)))).toEqual(Uint8Array.of(7));
    await connection.barrier();
  });

  test("flows are dumped as they were sent, and removed one by one", async () => {
    await clear();
    await connection.apply(plainFlows.map((entry) => flowMod("add", entry)));
    const dumped = await connection.dumpFlows();
    expect(identities(dumped)).toEqual(identities(plainFlows));
    expect((await connection.request(aggregateStats())).flowCount).toBe(plainFlows.length);
    expect(await connection.dumpFlows({ cookie: 0x4c03n })).toHaveLength(1);
    expect(await connection.dumpFlows({ tableId: 2 })).toHaveLength(2);
    await connection.apply(plainFlows.slice(1).map((entry) => flowMod("delete-strict", entry)));
    expect(identities(await connection.dumpFlows())).toEqual(identities(plainFlows.slice(0, 1)));
  });

  test("packets go out, come in, and are counted", async () => {
    await clear();
    const toUs = flow(0, 9, { inPort: ofPort(3) }, apply({ kind: "output", port: Port.controller, maxLen: 0xffff }));
    await connection.apply([flowMod("add", toUs)]);
    const { promise, resolve } = Promise.withResolvers<unknown>();
    using _listening = connection.packetIns.add(resolve);
    connection.send(packetOut({ inPort: ofPort(3), actions: [{ kind: "output", port: Port.table }], data: frame }));
    expect(await promise).toMatchObject({ match: { inPort: 3 }, data: frame, totalLength: 60 });
    connection.send(packetOut({ actions: [output(4)], data: frame }));
    await connection.barrier();
    const [port] = await connection.request(portStats(ofPort(4)));
    expect(port).toMatchObject({ portNo: 4, txPackets: 1n, txBytes: 60n });
    expect(await connection.request(portStats())).toHaveLength(5);
    expect((await connection.request(tableStats()))[0]).toMatchObject({ tableId: 0, activeCount: 1 });
    expect(await connection.request(queueStats({ portNo: ofPort(1) }))).toMatchObject([{ queueId: 0, portNo: 1 }]);
  });

  test("ports that come, change and go are told, and removed flows, too", async () => {
    const seen: string[] = [];
    const { promise, resolve } = Promise.withResolvers<unknown>();
    using _ports = connection.portStatus.add(({ reason, port }) => {
      seen.push(`${String(reason)} ${port.name}`);
      if (reason === "delete") resolve(undefined);
    });
    await scene.ovs.vsctl("add-port", "br0", "p9", "--", "set", "Interface", "p9", "type=dummy");
    await scene.ovs.vsctl("del-port", "br0", "p9");
    await promise;
    expect(seen).toContain("add p9");
    expect(seen.at(-1)).toBe("delete p9");
    const removed = Promise.withResolvers<unknown>();
    using _flows = connection.flowsRemoved.add(removed.resolve);
    const entry = flow(0, 7, { inPort: ofPort(1) });
    await connection.apply([
      { ...flowMod("add", entry), flags: { sendFlowRemoved: true } },
      flowMod("delete-strict", entry),
    ]);
    expect(await removed.promise).toMatchObject({
      priority: 7,
      cookie: 0x4c07n,
      reason: "delete",
      match: { inPort: 1 },
    });
  });

  test("the first message that is refused is named, with the error of its version", async () => {
    const bad = { ...flowMod("add", flow(0, 1, {})), command: 9 };
    await expect(connection.apply([flowMod("add", flow(0, 2, {})), bad])).rejects.toMatchObject({
      code: "OPENFLOW__MESSAGE_REFUSED",
      context: { index: 1, error: version === "1.0" ? "OFPFMFC_BAD_COMMAND (3,4)" : "OFPFMFC_BAD_COMMAND (5,6)" },
    });
  });

  test("a port is configured, and a role taken", async () => {
    const hwAddr = connection.ports.get(ofPort(2))?.hwAddr;
    if (hwAddr === undefined) throw new TypeError("there is no port 2");
    const change = { kind: "portMod", portNo: ofPort(2), hwAddr, advertise: {} } as const;
    await connection.apply([{ ...change, config: { noForward: true }, mask: { noForward: true } }]);
    const [changed] = (await connection.request(portDescriptions())).filter(({ portNo }) => portNo === 2);
    expect(changed?.config).toEqual({ noForward: true });
    await connection.apply([{ ...change, config: {}, mask: { noForward: true } }]);
    await connection.setRole("primary", 1n);
    await connection.setRole("equal", 2n);
  });
});

describe.skipIf(missingOpenVSwitch !== undefined)(`OpenFlow 1.0${reason}`, () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await sceneOf("1.0");
  }, 30_000);
  afterAll(async () => scene[Symbol.asyncDispose]());

  test("what it can't say is refused before anything is sent", async () => {
    const { connection } = scene;
    const refused = { code: "OPENFLOW__UNSUPPORTED_BY_VERSION" };
    const good = flowMod("add", flow(0, 77, {}));
    const register = flowMod("add", flow(0, 1, { reg0: 1 }));
    await expect(connection.apply([good, register])).rejects.toMatchObject(refused);
    await expect(
      connection.apply([good, { kind: "groupMod", command: "add", type: "all", groupId: 1 }]),
    ).rejects.toThrow("OpenFlow 1.0 can't say the message groupMod");
    await expect(
      connection.apply([good, flowMod("add", flow(0, 1, {}, { kind: "gotoTable", tableId: 1 }))]),
    ).rejects.toThrow("the instruction gotoTable");
    await expect(connection.applyBundle([good])).rejects.toMatchObject(refused);
    await expect(connection.monitorFlows()).rejects.toMatchObject(refused);
    await expect(connection.request(groupDescriptions())).rejects.toMatchObject(refused);
    await expect(connection.request(asyncConfig())).rejects.toMatchObject(refused);
    expect((await connection.dumpFlows()).filter(({ priority }) => priority === 77)).toEqual([]);
  });

  test("every action that it can say is dumped as it was sent, Nicira's among them", async () => {
    const { connection } = scene;
    const option = { optionClass: 0xffff, optionType: 3, optionLength: 4, index: 3 };
    await connection.apply([{ kind: "tlvTableMod", command: "add", mappings: [option] }]);
    const taken: string[] = [];
    const refused: string[] = [];
    for (const [index, sample] of actionSamples.entries()) {
      const entry = flow(0, index, sample.match, ...sample.instructions);
      try {
        await connection.apply([flowMod("add", entry)]);
        const dumped = (await connection.dumpFlows()).filter(({ priority }) => priority === index);
        // Open vSwitch tells controller2 in a form that nobody can read.
        if (sample.name !== "controller2") expect(identities(dumped), sample.name).toEqual(identities([entry]));
        taken.push(sample.name);
      } catch (error) {
        if (!isLoomstackError(error)) throw error;
        if (error.code !== "OPENFLOW__UNSUPPORTED_BY_VERSION") refused.push(`${sample.name}: ${error.message}`);
      }
    }
    expect(refused).toEqual([]);
    expect(taken.length).toBeGreaterThan(30);
  });
});

describe.skipIf(missingOpenVSwitch !== undefined)(`OpenFlow 1.5${reason}`, () => {
  let scene: Scene;
  let connection: SwitchConnection;
  beforeAll(async () => {
    scene = await sceneOf("1.5", "OpenFlow13");
    connection = scene.connection;
  }, 30_000);
  afterAll(async () => scene[Symbol.asyncDispose]());

  const pipeline: readonly Flow[] = [
    flow(
      0,
      1,
      { inPort: ofPort(1) },
      apply(
        { kind: "load", to: { field: "reg0", start: 0, bits: 32 }, value: 7n },
        { kind: "load", to: { field: "reg1", start: 4, bits: 8 }, value: 3n },
        { kind: "move", from: { field: "ethSrc", start: 0, bits: 48 }, to: { field: "ethDst", start: 0, bits: 48 } },
      ),
      { kind: "gotoTable", tableId: 10 },
    ),
    flow(
      10,
      2,
      { ethType: 0x0800, reg0: 7, reg1: { value: 0x30, mask: 0xff0 } },
      apply(
        {
          kind: "ct",
          flags: { commit: true },
          zone: 4,
          actions: [{ kind: "load", to: { field: "ctMark", start: 0, bits: 32 }, value: 1n }],
        },
        output(2),
      ),
    ),
    flow(10, 3, { ethType: 0x0800 }, { kind: "meter", meterId: 5 }, apply(output(3))),
  ];

  test("a bundle with registers, tables, nested actions and a meter is dumped as it was sent", async () => {
    const bands = [{ kind: "drop", rate: 100, burstSize: 10 } as const];
    await connection.apply([
      { kind: "meterMod", command: "add", meterId: 5, flags: { pktps: true, burst: true, stats: true }, bands },
    ]);
    expect(await connection.request(meterConfigs(5))).toMatchObject([{ meterId: 5, bands }]);
    await connection.applyBundle(pipeline.map((entry) => flowMod("add", entry)));
    expect(identities(await connection.dumpFlows())).toEqual(identities(pipeline));
    const bad = flowMod("add", flow(0, 1, { inPort: ofPort(1) }, { kind: "gotoTable", tableId: 0 }));
    await expect(connection.applyBundle([flowMod("add", flow(0, 3, {})), bad])).rejects.toMatchObject({
      code: "OPENFLOW__FLOW_REFUSED",
      context: { index: 1 },
    });
    expect(identities(await connection.dumpFlows())).toEqual(identities(pipeline));
  });

  test("every action and instruction that the switch takes is dumped as it was sent", async () => {
    await connection.apply([{ kind: "flowMod", command: "delete", tableId: 0xff }]);
    const option = { optionClass: 0xffff, optionType: 3, optionLength: 4, index: 3 };
    await connection.apply([
      { kind: "groupMod", command: "add", type: "all", groupId: 1 },
      { kind: "meterMod", command: "add", meterId: 1, flags: { kbps: true }, bands: [{ kind: "drop", rate: 1000 }] },
      { kind: "tlvTableMod", command: "add", mappings: [option] },
    ]);
    const refused: string[] = [];
    for (const [index, sample] of actionSamples.entries()) {
      const entry = flow(0, index, sample.match, ...sample.instructions);
      try {
        await connection.apply([flowMod("add", entry)]);
        const dumped = (await connection.dumpFlows()).filter(({ priority }) => priority === index);
        expect(identities(dumped), sample.name).toEqual(identities([entry]));
      } catch (error) {
        if (!isLoomstackError(error)) throw error;
        refused.push(`${sample.name}: ${error.message}`);
      }
    }
    // Which protocol's ports those are, only the packet knows.
    expect(refused).toEqual([expect.stringContaining("OpenFlow 1.5 can't say the action setTpSrc")]);
  });

  test("groups are made in the form of 1.3 and of 1.5, and described in one", async () => {
    const buckets = [
      { weight: 10, actions: [output(1)] },
      { weight: 20, actions: [output(2)] },
    ];
    await connection.apply([
      { kind: "groupMod", command: "add", type: "select", groupId: 2, buckets },
      {
        ...{
          kind: "bucketGroupMod",
          command: "insertBucket",
          type: "select",
          groupId: 2,
          commandBucketId: 0xffff_fffd,
        },
        buckets: [{ bucketId: 9, actions: [output(3)] }],
      },
    ]);
    const group = (await connection.request(groupDescriptions())).find(({ groupId }) => groupId === 2);
    expect(group).toMatchObject({
      ...{ type: "select", groupId: 2 },
      buckets: [
        { bucketId: 9, actions: [{ port: 3 }] },
        { bucketId: 0, weight: 10, actions: [{ port: 1 }] },
        { bucketId: 1, weight: 20, actions: [{ port: 2 }] },
      ],
    });
  });

  test("changes that somebody else makes are told, and an outdated role is refused", async () => {
    const { promise, resolve } = Promise.withResolvers<readonly FlowUpdate[]>();
    using _updates = connection.flowUpdates.add(resolve);
    await connection.monitorFlows();
    await scene.ovs.ofctl("add-flow", "table=7,priority=9,in_port=1,actions=output:2");
    expect(await promise).toMatchObject([
      { kind: "added", tableId: 7, priority: 9, match: { inPort: 1 }, instructions: [{ actions: [{ port: 2 }] }] },
    ]);
    await connection.setRole("primary", 9n);
    await expect(connection.setRole("primary", 8n)).rejects.toMatchObject({
      context: { error: "OFPRRFC_STALE (11,0)" },
    });
    await connection.setRole("equal", 9n);
  });

  test("what is told unasked can be chosen as in 1.3", async () => {
    const told = async (): Promise<unknown> => {
      const { packetIn, portStatus, flowRemoved } = await connection.request(asyncConfig());
      return { packetIn, portStatus, flowRemoved };
    };
    const before = await connection.request(asyncConfig());
    const { packetIn, flowRemoved, portStatus } = before;
    const change = { primary: { add: true }, secondary: {} };
    await changeAsyncConfig(connection, { portStatus: change });
    expect(await told()).toEqual({ packetIn, flowRemoved, portStatus: change });
    await changeAsyncConfig(connection, before);
    expect(await told()).toEqual({ packetIn, flowRemoved, portStatus });
  });
});
