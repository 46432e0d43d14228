/** What tests of single versions of OpenFlow share: Open vSwitch that speaks one, and flows for it. */
import { expect } from "vitest";
import { isLoomstackError, type LoomstackError, silentLogger, systemClock } from "@loomstack/core";
import { missingOpenVSwitch, type OpenVSwitch, startOpenVSwitch } from "@loomstack/testkit";
import { actionSamples } from "../of13/action.samples.ts";
import type { Action } from "../of13/actions.ts";
import { flowFingerprint, flowKey } from "../of13/flow-identity.ts";
import type { Flow } from "../of13/flow.ts";
import type { Instruction } from "../of13/instructions.ts";
import type { Match } from "../of13/match.ts";
import { flowMod } from "../of13/messages/flow-mod.ts";
import { ofPort } from "../of13/ports.ts";
import type { OpenFlowVersion } from "../version/version.ts";
import { listenForSwitches, type SwitchListener } from "./listener.ts";
import type { SwitchConnection } from "./switch-connection.ts";

export const isSkipped = missingOpenVSwitch !== undefined;
export const reason = missingOpenVSwitch === undefined ? "" : ` (skipped: there is no ${missingOpenVSwitch})`;
export const output = (port: number): Action => ({ kind: "output", port: ofPort(port) });
export const apply = (...actions: readonly Action[]): Instruction => ({ kind: "applyActions", actions });
export const flow = (
  tableId: number,
  priority: number,
  match: Match,
  ...instructions: readonly Instruction[]
): Flow => ({
  ...{ tableId, priority, cookie: 0x4c00n + BigInt(priority), match, instructions },
});
export const identities = (flows: readonly Flow[]): readonly string[] =>
  flows.map((entry) => `${flowKey(entry)} | ${flowFingerprint(entry)}`).sort();

export interface Scene extends AsyncDisposable {
  readonly ovs: OpenVSwitch;
  readonly listener: SwitchListener;
  readonly connection: SwitchConnection;
}

/** @param others protocols that the switch speaks, too */
export async function sceneOf(version: OpenFlowVersion, ...others: readonly string[]): Promise<Scene> {
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

/** Sends every sample of an action; gives the names of those that were dumped as they were sent, and why others weren't. */
export async function sendSamples(
  connection: SwitchConnection,
  isReadable: (sample: string) => boolean = () => true,
): Promise<{ readonly taken: readonly string[]; readonly refused: readonly LoomstackError[] }> {
  const option = { optionClass: 0xffff, optionType: 3, optionLength: 4, index: 3 };
  await connection.apply([{ kind: "tlvTableMod", command: "add", mappings: [option] }]);
  const taken: string[] = [];
  const refused: LoomstackError[] = [];
  for (const [index, sample] of actionSamples.entries()) {
    const entry = flow(0, index, sample.match, ...sample.instructions);
    try {
      await connection.apply([flowMod("add", entry)]);
      const dumped = (await connection.dumpFlows()).filter(({ priority }) => priority === index);
      if (isReadable(sample.name)) expect(identities(dumped), sample.name).toEqual(identities([entry]));
      taken.push(sample.name);
    } catch (error) {
      if (!isLoomstackError(error)) throw error;
      refused.push(error);
    }
  }
  return { taken, refused };
}
