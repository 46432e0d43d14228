import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { flowMod } from "../of13/messages/flow-mod.ts";
import { asyncConfig, groupDescriptions } from "../of13/requests.ts";
import { flow, isSkipped, reason, type Scene, sceneOf, sendSamples } from "./version-under-test.ts";

describe.skipIf(isSkipped)(`OpenFlow 1.0${reason}`, () => {
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
    // Open vSwitch tells controller2 in a form that nobody can read.
    const { taken, refused } = await sendSamples(scene.connection, (name) => name !== "controller2");
    expect(refused.filter(({ code }) => code !== "OPENFLOW__UNSUPPORTED_BY_VERSION")).toEqual([]);
    expect(taken.length).toBeGreaterThan(30);
  });
});
