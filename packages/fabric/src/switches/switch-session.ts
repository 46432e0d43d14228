import type { Logger } from "@loomstack/core";
import type { SwitchConnection } from "@loomstack/openflow";
import type { Turns } from "../reconcile/turns.ts";
import { PuntMetering } from "./punt-metering.ts";
import { StaticFlowTarget } from "./static-flow-target.ts";
import { takeRole } from "./take-role.ts";

/** What a switch was seen to hold when it connected, and the ways to change that. */
export interface ObservedSwitch {
  readonly flows: StaticFlowTarget;
  readonly metering: PuntMetering;
}

/** One connection of a plain switch, from when it is the switch's until it ends or another takes its place. */
export class SwitchSession implements Disposable {
  readonly connection: SwitchConnection;
  /** Undefined until the switch was looked at. */
  observed: ObservedSwitch | undefined;
  /** Whether what should be has been held against what the switch was seen to hold. */
  isApplied = false;
  readonly #watches = new DisposableStack();

  constructor(connection: SwitchConnection) {
    this.connection = connection;
  }

  /**
   * Becomes the switch's primary controller, and looks at what it holds.
   *
   * @param epoch the generation id of this controller's role requests
   * @param turns for reading what it holds, which takes much memory while it lasts
   * @param changed others have changed its flows
   * @throws OPENFLOW__… when the connection ends or the switch refuses
   */
  async observe(epoch: bigint, turns: Turns, logger: Logger, changed: () => void): Promise<void> {
    const { connection } = this;
    await takeRole(connection, epoch);
    using _turn = await turns.take();
    const metering = await PuntMetering.observe(connection);
    const flows = await StaticFlowTarget.observe(connection, logger, changed);
    if (this.#watches.disposed) return flows[Symbol.dispose]();
    this.#watches.use(flows);
    this.observed = { flows, metering };
  }

  /** Listens until the session ends. */
  watch(listening: Disposable): void {
    this.#watches.use(listening);
  }

  /** Nothing more is sent or heard; the connection stays as it is. */
  [Symbol.dispose](): void {
    this.#watches.dispose();
  }
}
