import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ControllerWorld, isMissing, otherPort, port, until, withOpenVSwitch } from "./controller-under-test.ts";

let world: ControllerWorld;

beforeEach(async () => {
  if (isMissing) return;
  world = await ControllerWorld.start();
  await world.connect("a", world.host);
  await world.makePort(port, "02:00:00:00:00:01");
  await world.plug(world.host, "tap1", port);
  expect(await world.settled(port)).toMatchObject({ status: "ACTIVE" });
});
afterEach(async () => {
  if (!isMissing) await world[Symbol.asyncDispose]();
});

describe.skipIf(isMissing)(`daemons that hang, ${withOpenVSwitch}`, { timeout: 30_000 }, () => {
  test("a switch that answers no more is told of while its database does, and is sent nothing again when it goes on", async () => {
    const sent = world.sent("system-a");
    {
      using _hung = world.host.hangSwitch();
      await until(() => world.status("system-a")?.state === "preparing");
      const reason = expect.stringMatching(/br-(int|tun) lost .* left \d echo requests unanswered/) as string;
      expect(world.status("system-a")).toMatchObject({ reason });
      expect(world.controller.realised.port(port)).toMatchObject({ status: "BUILD", reason });
    }
    await world.ready("system-a");
    expect(await world.settled(port)).toMatchObject({ status: "ACTIVE" });
    expect(world.sent("system-a")).toBe(sent);
  });

  test("a database that answers no more is told of, and what was asked for meanwhile is done when it goes on, and nothing again", async () => {
    const before = await world.flowsOf(world.host);
    const sent = world.sent("system-a");
    {
      using _hung = world.host.hangDatabase();
      await world.makePort(otherPort, "02:00:00:00:00:02");
      await until(() => world.status("system-a")?.state === "lost");
      const reason = expect.stringMatching(/has said nothing for \d+ ms, not even to an echo/) as string;
      expect(world.status("system-a")).toMatchObject({ reason });
      expect(world.controller.realised.port(port)).toMatchObject({ status: "DOWN", reason });
    }
    await world.ready("system-a");
    expect(await world.settled(port)).toMatchObject({ status: "ACTIVE" });
    expect(world.sent("system-a")).toBe(sent);
    expect(await world.flowsOf(world.host)).toEqual(before);
    await world.plug(world.host, "tap2", otherPort);
    expect(await world.settled(otherPort)).toMatchObject({ status: "ACTIVE" });
  });
});
