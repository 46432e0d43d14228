/** What a real Open vSwitch has of the corpus and of generated flows, as ovs-ofctl dumps it, read and printed by ours. */
import { isLoomstackError, silentLogger, systemClock } from "@loomstack/core";
import { missingOpenVSwitch, type OpenVSwitch, startOpenVSwitch } from "@loomstack/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listenForSwitches, type SwitchListener } from "../../connection/listener.ts";
import type { SwitchConnection } from "../../connection/switch-connection.ts";
import { arbitraryFlowWith } from "../../of13/any-flow.arbitrary.ts";
import { flowFingerprint, flowKey } from "../../of13/flow-identity.ts";
import type { Flow } from "../../of13/flow.ts";
import type { FlowMod } from "../../of13/messages/flow-mod.ts";
import { corpus } from "./corpus.fixture.ts";
import { formatFlowStats } from "../format-flow.ts";
import { parseFlow, parseFlowMod, type ParsedFlow } from "./parse-flow.ts";

/** Actions that ovs-ofctl can't read, and that make it give up on the rest of a dump. */
const unreadable = "debug_";

/** The additions that ours reads, each with a priority of its own. */
function additions(): readonly FlowMod[] {
  const lines = corpus("flows").filter((line) => !line.includes(unreadable));
  const texts = lines.flatMap((line) => {
    try {
      return [parseFlowMod(line)];
    } catch (error) {
      if (isLoomstackError(error, "OPENFLOW__INVALID_TEXT")) return [];
      throw error;
    }
  });
  const generated = fc
    .sample(arbitraryFlowWith({ views: true }), { numRuns: 300, seed: 7 })
    .map((flow): FlowMod => ({ kind: "flowMod", command: "add", ...flow, flags: {} }));
  return [...texts.filter(({ command }) => command === "add"), ...generated].map((mod, index) => ({
    ...mod,
    ...{ tableId: Math.min(mod.tableId, 253), priority: index + 1, idleTimeoutSec: 0, hardTimeoutSec: 0 },
  }));
}

/** Which are printed as they can't be read, or without a mask, or as another action that is the same. */
const printedOtherwise = /CONTROLLER:65535$|gtpu_|tun_gbp_flags|tun_erspan|tun_metadata|ipv6_\w+=::/;

/** A flow that was read from a dump, as a dump would have it. */
function dumped(flow: ParsedFlow): string {
  const counts = { durationSec: 0, durationNsec: 0, packetCount: 0n, byteCount: 0n };
  const { idleTimeoutSec = 0, hardTimeoutSec = 0, flags = {} } = flow;
  const stats = { ...flow, ...counts, idleTimeoutSec, hardTimeoutSec, flags };
  return formatFlowStats(stats as Parameters<typeof formatFlowStats>[0], {}, false);
}

describe.skipIf(missingOpenVSwitch !== undefined)(
  `with Open vSwitch${missingOpenVSwitch === undefined ? "" : ` (skipped: there is no ${missingOpenVSwitch})`}`,
  () => {
    let ovs: OpenVSwitch;
    let listener: SwitchListener;
    let connection: SwitchConnection;
    let lines: readonly string[];
    let flows: ReadonlyMap<number, Flow>;

    beforeAll(async () => {
      const { promise, resolve } = Promise.withResolvers<SwitchConnection>();
      ovs = await startOpenVSwitch(9);
      const options = { host: "127.0.0.1", port: 0, clock: systemClock, logger: silentLogger, onSwitch: resolve };
      listener = await listenForSwitches(options);
      await ovs.vsctl("set-controller", "br0", `tcp:127.0.0.1:${listener.port}`);
      connection = await promise;
      await ovs.ofctl("add-meter", "meter=5,kbps,band=type=drop,rate=1000");
      await ovs.ofctl("add-group", "group_id=5,type=all,bucket=actions=output:1");
      // Some need groups, meters or a TLV table that there aren't: the switch refuses those.
      await Promise.allSettled([connection.apply(additions())]);
      flows = new Map((await connection.dumpFlows()).map((flow) => [flow.priority, flow]));
      lines = (await ovs.ofctl("dump-flows", "--no-stats"))
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line.includes("actions="));
    }, 60_000);

    afterAll(async () => {
      connection.close("the tests are over");
      await listener[Symbol.asyncDispose]();
      await ovs[Symbol.asyncDispose]();
    });

    test("most of them are taken", () => {
      expect(flows.size).toBeGreaterThan(600);
      expect(lines.length).toBeGreaterThan(600);
    });

    test("each line of the dump is read as the flow that the switch has", () => {
      const others = lines.flatMap((line) => {
        const read = parseFlow(line);
        const flow = flows.get(read.priority) ?? read;
        const same = flowKey(read) === flowKey(flow) && flowFingerprint(read) === flowFingerprint(flow);
        return same || printedOtherwise.test(line) ? [] : [{ line, flow: flowKey(flow) + flowFingerprint(flow) }];
      });
      expect(others).toEqual([]);
    });

    test("each line of the dump is printed as it was when it is read", () => {
      const pairs = lines.filter((line) => !printedOtherwise.test(line)).map((line) => [dumped(parseFlow(line)), line]);
      expect(pairs.filter(([ours, theirs]) => ours !== theirs)).toEqual([]);
      expect(pairs.length).toBeGreaterThan(500);
    });
  },
);
