/** What the lines of the log are about, when things go wrong. With real Open vSwitch. */
import type { Logger } from "@loomstack/core";
import { describe, expect, test } from "vitest";
import { ControllerWorld, isMissing, port, until, withOpenVSwitch } from "./controller-under-test.ts";

interface Line {
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A logger that keeps lines with the fields of those that it is a child of, as pino writes them. */
function keeping(lines: Line[], bound: object = {}): Logger {
  const keep = (fields: object, message: string): void => void lines.push({ message, fields: { ...bound, ...fields } });
  const child = (fields: object): Logger => keeping(lines, { ...bound, ...fields });
  return { debug: keep, info: keep, warn: keep, error: keep, child };
}

const subjects = ["hypervisor", "switch", "remote", "port", "ports"];

describe.skipIf(isMissing)(`lines of the log, ${withOpenVSwitch}`, { timeout: 30_000 }, () => {
  test("say what they are about: a hypervisor by its key, and a bridge never without it", async () => {
    const lines: Line[] = [];
    await using world = await ControllerWorld.start({ logger: keeping(lines) });
    await world.connect("a", world.host);
    await world.makePort(port, "02:00:00:00:00:01");
    await world.plug(world.host, "tap1", port);
    await world.settled(port);
    await world.host.killSwitch();
    await until(() => world.status("system-a")?.state === "preparing");
    await world.host.killDatabase();
    await until(() => world.status("system-a")?.state === "lost");
    world.host.startSwitch();
    await world.host.startDatabase();
    await world.ready("system-a");
    const states = lines.filter(({ message }) => message === "hypervisor state");
    expect(states.map(({ fields }) => [fields["hypervisor"], fields["state"]])).toEqual(
      ["preparing", "ready", "preparing", "lost", "preparing", "ready"].map((state) => ["system-a", state]),
    );
    expect(lines.length).toBeGreaterThan(states.length);
    expect(lines.filter(({ fields }) => !subjects.some((subject) => subject in fields))).toEqual([]);
    expect(lines.filter(({ fields }) => "bridge" in fields && !("hypervisor" in fields))).toEqual([]);
    // Before a hypervisor has said who it is, it is known by what a client calls it.
    const known = new Set(lines.map(({ fields }) => fields["hypervisor"]));
    expect([...known].filter((key) => key !== undefined && key !== "system-a" && key !== "OVS/a")).toEqual([]);
  });
});
