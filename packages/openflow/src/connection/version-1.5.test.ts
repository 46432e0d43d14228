import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Flow } from "../of13/flow.ts";
import { flowMod } from "../of13/messages/flow-mod.ts";
import { ofPort } from "../of13/ports.ts";
import { asyncConfig, groupDescriptions, meterConfigs } from "../of13/requests.ts";
import type { FlowUpdate } from "../onf/flow-monitor.ts";
import { changeAsyncConfig } from "./async-config.ts";
import type { SwitchConnection } from "./switch-connection.ts";
import {
  apply,
  flow,
  identities,
  isSkipped,
  output,
  reason,
  type Scene,
  sceneOf,
  sendSamples,
} from "./version-under-test.ts";

describe.skipIf(isSkipped)(`OpenFlow 1.5${reason}`, () => {
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
    await connection.apply([
      { kind: "groupMod", command: "add", type: "all", groupId: 1 },
      { kind: "meterMod", command: "add", meterId: 1, flags: { kbps: true }, bands: [{ kind: "drop", rate: 1000 }] },
    ]);
    const { refused } = await sendSamples(connection);
    // Which protocol's ports those are, only the packet knows.
    expect(refused.map(({ message }) => message)).toEqual([
      expect.stringContaining("OpenFlow 1.5 can't say the action setTpSrc"),
    ]);
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
