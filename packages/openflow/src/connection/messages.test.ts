/** The messages for groups, meters, ports, tables and tunnels, as Open vSwitch understands them. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Mac, silentLogger, systemClock } from "@loomstack/core";
import { missingOpenVSwitch, type OpenVSwitch, startOpenVSwitch } from "@loomstack/testkit";
import type { Message, Received, ReceivedMessage } from "../of13/messages.ts";
import type { GroupMod } from "../of13/messages/group-mod.ts";
import { Meter, type MeterMod } from "../of13/messages/meter-mod.ts";
import { packetOut } from "../of13/messages/packet-out.ts";
import { Group, ofPort, Port } from "../of13/ports.ts";
import {
  asyncConfig,
  groupDescriptions,
  groupFeatures,
  groupStats,
  meterConfigs,
  meterFeatures,
  meterStats,
  portDescriptions,
  portStats,
  queueConfig,
  queueStats,
  tableFeatures,
  tlvTable,
} from "../of13/requests.ts";
import { listenForSwitches, type SwitchListener } from "./listener.ts";
import type { SwitchConnection } from "./switch-connection.ts";

const frame = Uint8Array.from([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00, ...new Uint8Array(46)]);
const reason = missingOpenVSwitch === undefined ? "" : ` (skipped: there is no ${missingOpenVSwitch})`;

describe.skipIf(missingOpenVSwitch !== undefined)(`with Open vSwitch${reason}`, () => {
  let ovs: OpenVSwitch;
  let listener: SwitchListener;
  let connection: SwitchConnection;

  beforeAll(async () => {
    const { promise, resolve } = Promise.withResolvers<SwitchConnection>();
    ovs = await startOpenVSwitch(4);
    const options = { host: "127.0.0.1", port: 0, clock: systemClock, logger: silentLogger, onSwitch: resolve };
    listener = await listenForSwitches(options);
    await ovs.vsctl("set-controller", "br0", `tcp:127.0.0.1:${listener.port}`);
    connection = await promise;
  }, 30_000);

  afterAll(async () => {
    connection.close("the tests are over");
    await listener[Symbol.asyncDispose]();
    await ovs[Symbol.asyncDispose]();
  });

  const lines = async (command: string, ...args: readonly string[]): Promise<readonly string[]> =>
    (await ovs.ofctl(command, ...args)).split("\n").map((line) => line.trim());

  const output = (port: number) => ({ kind: "output", port: ofPort(port) }) as const;

  const groups: readonly GroupMod[] = [
    {
      kind: "groupMod",
      command: "add",
      type: "all",
      groupId: 1,
      buckets: [{ actions: [output(1)] }, { actions: [output(2)] }],
    },
    {
      ...{ kind: "groupMod", command: "add", type: "select", groupId: 2 },
      buckets: [
        { weight: 10, actions: [output(1)] },
        { weight: 20, actions: [output(2)] },
      ],
    },
    {
      kind: "groupMod",
      command: "add",
      type: "indirect",
      groupId: 3,
      buckets: [{ actions: [{ kind: "popVlan" }, output(1)] }],
    },
    {
      ...{ kind: "groupMod", command: "add", type: "fastFailover", groupId: 4 },
      buckets: [
        { watchPort: ofPort(1), actions: [output(1)] },
        { watchGroup: 1, actions: [output(2)] },
      ],
    },
  ];

  test("groups of every type are described as they were made, and printed so by ovs-ofctl", async () => {
    await connection.apply(groups);
    const described = await connection.request(groupDescriptions());
    expect([...described].sort((a, b) => a.groupId - b.groupId)).toEqual(
      groups.map(({ type, groupId, buckets = [] }) => ({
        ...{ type, groupId },
        buckets: buckets.map(({ weight = 0, watchPort = Port.any, watchGroup = Group.any, actions }) => ({
          ...{ weight, watchPort, watchGroup },
          actions: actions.map((action) => (action.kind === "output" ? { maxLen: 0xffff, ...action } : action)),
        })),
      })),
    );
    expect(await lines("dump-groups")).toContain(
      "group_id=4,type=ff,bucket=watch_port:1,actions=output:1,bucket=watch_group:1,actions=output:2",
    );
  });

  test("packets through a group are counted, and a group that is deleted is gone", async () => {
    await connection.apply([{ kind: "groupMod", command: "delete", type: "all", groupId: Group.all }, ...groups]);
    await connection.apply([packetOut({ inPort: ofPort(3), actions: [{ kind: "group", groupId: 3 }], data: frame })]);
    // The datapath's counters reach the group when its flow is looked at again.
    await ovs.appctl("revalidator/wait");
    expect(await connection.request(groupStats(3))).toMatchObject([{ groupId: 3, buckets: [{}] }]);
    expect((await connection.request(groupStats())).map(({ groupId }) => groupId).sort()).toEqual([1, 2, 3, 4]);
    await connection.apply([{ kind: "groupMod", command: "delete", type: "all", groupId: 3 }]);
    expect((await connection.request(groupDescriptions())).map(({ groupId }) => groupId).sort()).toEqual([1, 2, 4]);
  });

  test("of messages that aren't answered, the first that is refused is named, and the others count", async () => {
    const [group] = groups;
    const messages: readonly Message[] = [
      { kind: "groupMod", command: "delete", type: "all", groupId: Group.all },
      ...(group === undefined ? [] : [group, group]),
      { kind: "groupMod", command: "add", type: "all", groupId: 9 },
    ];
    await expect(connection.apply(messages)).rejects.toMatchObject({
      code: "OPENFLOW__MESSAGE_REFUSED",
      context: { index: 2, count: 4, message: "groupMod", error: "OFPGMFC_GROUP_EXISTS (6,0)" },
    });
    expect((await connection.request(groupDescriptions())).map(({ groupId }) => groupId).sort()).toEqual([1, 9]);
  });

  test("a switch says what groups it can have", async () => {
    expect(await connection.request(groupFeatures())).toMatchObject({
      types: { all: true, select: true, indirect: true, fastFailover: true },
      maxGroups: [0xffff_ff00, 0xffff_ff00, 0xffff_ff00, 0xffff_ff00],
    });
  });

  const meter: MeterMod = {
    ...{ kind: "meterMod", command: "add", meterId: 7, flags: { pktps: true, burst: true, stats: true } },
    bands: [{ kind: "drop", rate: 100, burstSize: 10 }],
  };

  test("a meter is configured as it was made, and counts", async () => {
    await connection.apply([meter]);
    expect(await connection.request(meterConfigs(7))).toEqual([
      { flags: meter.flags, meterId: 7, bands: [{ kind: "drop", rate: 100, burstSize: 10 }] },
    ]);
    expect(await connection.request(meterStats(7))).toMatchObject([
      { meterId: 7, flowCount: 0, packetInCount: 0n, bands: [{ packetBandCount: 0n }] },
    ]);
    expect((await connection.request(meterFeatures())).bandTypes).toEqual({ drop: true });
    await connection.apply([{ kind: "meterMod", command: "delete", meterId: Meter.all }]);
    expect(await connection.request(meterConfigs())).toEqual([]);
  });

  test("a port's counters are told, and its configuration can be changed", async () => {
    const [port, ...others] = await connection.request(portStats(ofPort(2)));
    expect(port).toMatchObject({ portNo: 2, rxPackets: 0n });
    expect(others).toEqual([]);
    expect((await connection.request(portStats())).length).toBe(5);
    const hwAddr = connection.ports.get(ofPort(2))?.hwAddr ?? ("" as Mac);
    const change = { kind: "portMod", portNo: ofPort(2), hwAddr, advertise: {} } as const;
    await connection.apply([{ ...change, config: { noForward: true }, mask: { noForward: true } }]);
    expect(await ovs.ofctl("show")).toContain("NO_FWD");
    const [changed] = (await connection.request(portDescriptions())).filter(({ portNo }) => portNo === 2);
    expect(changed?.config).toEqual({ noForward: true });
    await connection.apply([{ ...change, config: {}, mask: { noForward: true } }]);
    expect(await ovs.ofctl("show")).not.toContain("NO_FWD");
  });

  test("tables tell what they can do", async () => {
    const tables = await connection.request(tableFeatures());
    expect(tables.length).toBe(254);
    const [first] = tables;
    const kinds = first?.properties.map(({ kind }) => kind) ?? [];
    expect(kinds).not.toContain("unknown");
    expect(kinds).toContain("applySetFieldMiss");
    expect(first?.properties.find(({ kind }) => kind === "nextTables")).toMatchObject({
      tables: Array.from({ length: 253 }, (_, index) => index + 1),
    });
  });

  test("queues are told with their rates", async () => {
    expect(await connection.request(queueStats({ portNo: ofPort(1) }))).toMatchObject([{ portNo: 1, queueId: 0 }]);
    expect(await connection.request(queueConfig(ofPort(1)))).toMatchObject({ queues: [{ queueId: 0, portNo: 1 }] });
  });

  test("what is told unasked can be chosen", async () => {
    const before = await connection.request(asyncConfig());
    await connection.apply([{ kind: "setAsync", ...before, portStatus: { primary: { add: true }, secondary: {} } }]);
    expect(await connection.request(asyncConfig())).toEqual({
      ...before,
      portStatus: { primary: { add: true }, secondary: {} },
    });
    const mask = { delete: true } as const;
    await connection.apply([{ kind: "setAsyncConfig2", properties: [{ kind: "portStatusPrimary", mask }] }]);
    expect((await connection.request(asyncConfig())).portStatus.primary).toEqual(mask);
    await connection.apply([{ kind: "setAsync", ...before }]);
    expect(await connection.request(asyncConfig())).toEqual(before);
  });

  test("tunnel options get fields, and lose them", async () => {
    const mapping = { optionClass: 0x102, optionType: 0x80, optionLength: 4, index: 0 };
    await connection.apply([{ kind: "tlvTableMod", command: "add", mappings: [mapping] }]);
    expect(await connection.request(tlvTable())).toMatchObject({ maxFields: 64, mappings: [mapping] });
    await connection.apply([{ kind: "tlvTableMod", command: "clear", mappings: [] }]);
    expect((await connection.request(tlvTable())).mappings).toEqual([]);
  });

  test("tracked connections are forgotten without complaint", async () => {
    await connection.apply([{ kind: "ctFlushZone", zone: 5 }]);
    await connection.apply([{ kind: "ctFlush", ipProto: 6, properties: [{ kind: "zone", zone: 5 }] }]);
  });

  test("a packet that a flow has paused goes on when it is resumed", async () => {
    await connection.apply([{ kind: "setPacketInFormat", format: "nxtPacketIn2" }]);
    await ovs.ofctl("add-flow", "table=0,in_port=3,actions=controller(pause,userdata=0a.0b),output:4");
    const arrived = await packetIn2(connection, () =>
      connection.send(packetOut({ inPort: ofPort(3), actions: [{ kind: "output", port: Port.table }], data: frame })),
    );
    expect(arrived.properties.find(({ kind }) => kind === "userdata")).toEqual({
      kind: "userdata",
      data: Uint8Array.of(10, 11),
    });
    expect(arrived.properties.find(({ kind }) => kind === "metadata")).toMatchObject({ match: { inPort: 3 } });
    const sent = async (): Promise<bigint> => (await connection.request(portStats(ofPort(4))))[0]?.txPackets ?? 0n;
    const before = await sent();
    await connection.apply([{ ...arrived, kind: "resume" }]);
    expect(await sent()).toBe(before + 1n);
    await connection.apply([{ kind: "setPacketInFormat", format: "standard" }]);
  });
});

/** The first packet in Nicira's second form that comes after `trigger`. */
async function packetIn2(connection: SwitchConnection, trigger: () => void): Promise<Received<"packetIn2">> {
  const { promise, resolve } = Promise.withResolvers<Received<"packetIn2">>();
  using _listening = connection.messages.add((message: ReceivedMessage) => {
    if (message.kind === "packetIn2") resolve(message);
  });
  trigger();
  return await promise;
}
