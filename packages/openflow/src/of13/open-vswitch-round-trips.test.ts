/** Every field, action and instruction into a real Open vSwitch, and back. */
import { silentLogger, systemClock } from "@loomstack/core";
import { missingOpenVSwitch, type OpenVSwitch, startOpenVSwitch } from "@loomstack/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listenForSwitches, type SwitchListener } from "../connection/listener.ts";
import type { SwitchConnection } from "../connection/switch-connection.ts";
import { formatFlow } from "../text/format-flow.ts";
import { actionSamples } from "./action.samples.ts";
import { fieldSamples, notInFlows, tunMetadataSize } from "./field.samples.ts";
import { flowFingerprint, flowKey } from "./flow-identity.ts";
import type { Flow } from "./flow.ts";
import { flowMod } from "./messages/flow-mod.ts";

interface Sample extends Flow {
  readonly name: string;
}

const fields = fieldSamples
  .filter(({ row }) => !notInFlows.has(row.name))
  .map(({ row, masked, match }) => ({ name: masked ? `${row.name} with a mask` : row.name, match, instructions: [] }));

const samples: readonly Sample[] = [...fields, ...actionSamples].map((sample, index) => ({
  ...sample,
  tableId: 0,
  priority: index + 1,
  cookie: BigInt(index + 1),
}));

/**
 * What Open vSwitch prints by a name that it doesn't read, or without its mask; and what only a switch for tests has.
 */
const printedOtherwise: ReadonlySet<string> = new Set([
  ...["tunGtpuFlags", "tunGtpuFlags with a mask", "tunGtpuMsgtype", "tunGtpuMsgtype with a mask"],
  ...["tunGbpFlags with a mask", "tunErspanIdx with a mask"],
]);

/** Actions that ovs-ofctl can't read, and that make it give up on the rest. */
const unreadable: ReadonlySet<string> = new Set(["debugSlow debugRecirc"]);

describe.skipIf(missingOpenVSwitch !== undefined)(
  `with Open vSwitch${missingOpenVSwitch === undefined ? "" : ` (skipped: there is no ${missingOpenVSwitch})`}`,
  () => {
    let ovs: OpenVSwitch;
    let listener: SwitchListener;
    let connection: SwitchConnection;
    let dumped: ReadonlyMap<number, Flow>;
    let printed: ReadonlyMap<number, string>;

    beforeAll(async () => {
      const { promise, resolve } = Promise.withResolvers<SwitchConnection>();
      ovs = await startOpenVSwitch(9);
      const options = { host: "127.0.0.1", port: 0, clock: systemClock, logger: silentLogger, onSwitch: resolve };
      listener = await listenForSwitches(options);
      await ovs.vsctl("set-controller", "br0", `tcp:127.0.0.1:${listener.port}`);
      connection = await promise;
      const option = (index: number): string =>
        `{class=0xffff,type=${index},len=${tunMetadataSize}}->tun_metadata${index}`;
      await ovs.ofctl("add-tlv-map", Array.from({ length: 64 }, (_, index) => option(index)).join(","));
      await ovs.ofctl("add-meter", "meter=1,kbps,band=type=drop,rate=1000");
      await ovs.ofctl("add-group", "group_id=1,type=all,bucket=actions=output:1");
      await connection.applyBundle(samples.map((flow) => flowMod("add", flow)));
      dumped = new Map((await connection.dumpFlows()).map((flow) => [flow.priority, flow]));
      const hidden = samples.filter(({ name }) => unreadable.has(name));
      await connection.applyBundle(hidden.map((flow) => flowMod("delete-strict", flow)));
      const lines = (await ovs.ofctl("dump-flows", "--no-stats")).split("\n").map((line) => line.trim());
      printed = new Map(lines.map((line) => [Number(/priority=(\d+)/.exec(line)?.[1]), line]));
    }, 60_000);

    afterAll(async () => {
      connection.close("the tests are over");
      await listener[Symbol.asyncDispose]();
      await ovs[Symbol.asyncDispose]();
    });

    const dumpedAs = ({ priority }: Sample): Flow => {
      const flow = dumped.get(priority);
      if (flow === undefined) throw new Error("the switch doesn't have the flow");
      return flow;
    };

    test.each(samples)("$name is the same when it is dumped", (sample) => {
      const flow = dumpedAs(sample);
      expect(flowKey(flow)).toBe(flowKey(sample));
      expect(flowFingerprint(flow)).toBe(flowFingerprint(sample));
    });

    test.each(samples.filter(({ name }) => !printedOtherwise.has(name) && !unreadable.has(name)))(
      "$name is printed as ovs-ofctl prints it",
      (sample) => {
        expect(formatFlow(dumpedAs(sample)).replace("table=0, ", "")).toBe(printed.get(sample.priority));
      },
    );

    test("what is printed is read by ovs-ofctl as the same flows", async () => {
      const flows = samples.filter(({ name }) => !unreadable.has(name)).map(dumpedAs);
      await connection.applyBundle([{ kind: "flowMod", command: "delete", tableId: 0xff }]);
      await ovs.ofctlFile(
        "add-flows",
        flows.map((flow) => formatFlow(flow)),
      );
      const again = new Map((await connection.dumpFlows()).map((flow) => [flow.priority, flow]));
      // The text says less than the bytes in some actions, and the same in other bytes in others.
      const isSame = (one: Flow, other: Flow): boolean =>
        flowKey(one) === flowKey(other) &&
        (flowFingerprint(one) === flowFingerprint(other) || formatFlow(one) === formatFlow(other));
      const changed = flows.filter((flow) => !isSame(flow, again.get(flow.priority) ?? { ...flow, tableId: -1 }));
      expect(changed.map((flow) => formatFlow(flow))).toEqual([]);
    });
  },
);
