import { LoomstackError, silentLogger, systemClock } from "@loomstack/core";
import { type Flow, flowMod, listenForSwitches, type SwitchConnection } from "@loomstack/openflow";
import { type OpenVSwitch, startOpenVSwitch } from "@loomstack/testkit";
import { BareController } from "./bare-controller.ts";

/** A real Open vSwitch with a dummy datapath, and two controllers: the library, and a bare socket. */
export interface MeasuredSwitch extends AsyncDisposable {
  readonly connection: SwitchConnection;
  readonly bare: BareController;
  /** Where other programs reach it, as ovs-ofctl has it. */
  readonly management: string;
  clear(): Promise<void>;
  install(flows: readonly Flow[]): Promise<void>;
  /** @throws LAB__EXPECTATION_FAILED when it has another number of flows */
  expectFlows(expected: number): Promise<void>;
}

export async function startMeasuredSwitch(): Promise<MeasuredSwitch> {
  await using starting = new AsyncDisposableStack();
  const openVSwitch = starting.use(await startOpenVSwitch(2));
  const bare = starting.use(await BareController.listen());
  const { promise, resolve } = Promise.withResolvers<SwitchConnection>();
  const options = { host: "127.0.0.1", port: 0, clock: systemClock, logger: silentLogger, onSwitch: resolve };
  const listener = starting.use(await listenForSwitches(options));
  const accepted = bare.accept();
  const remotes = [listener.port, bare.port].map((port) => `tcp:127.0.0.1:${port}`);
  await openVSwitch.vsctl("set-controller", "br0", ...remotes);
  const [connection] = await Promise.all([promise, accepted]);
  const running = starting.move();
  return {
    connection,
    bare,
    management: openVSwitch.management,
    clear: async () => {
      await openVSwitch.ofctl("del-flows");
    },
    install: (flows) => connection.applyBundle(flows.map((flow) => flowMod("add", flow))),
    expectFlows: (expected) => expectFlows(openVSwitch, expected),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function expectFlows(openVSwitch: OpenVSwitch, expected: number): Promise<void> {
  const seen = /flow_count=(\d+)/.exec(await openVSwitch.ofctl("dump-aggregate"))?.[1] ?? "none";
  if (seen === expected.toString()) return;
  throw new LoomstackError("LAB__EXPECTATION_FAILED", { what: "flows in the switch", expected, seen });
}
