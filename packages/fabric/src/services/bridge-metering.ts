import { type Clock, type Logger, messageOf } from "@loomstack/core";
import type { Drift } from "@loomstack/model";
import type { SwitchConnection } from "@loomstack/openflow";
import type { TellEvent } from "../event-throttle.ts";
import { PuntMetering } from "../switches/punt-metering.ts";

/** Nothing tells of changes of meters: how often it is looked whether it is still there. */
const lookMs = 1_000;

export interface BridgeMeteringOptions {
  readonly connection: SwitchConnection;
  /** The bridge, and whose it is, in words. */
  readonly bridge: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly event: TellEvent;
  /** Somebody else had removed the meter; it was put back. */
  readonly repaired: (drift: Drift) => void;
}

/**
 * Keeps the meter of a hypervisor's bridge for packets to the controller as it should be, for as long as the connection
 * lasts: a guest's flood of questions ends in the switch. Flows don't wait for it.
 */
export class BridgeMetering implements Disposable {
  readonly #options: BridgeMeteringOptions;
  #timer: Disposable | undefined;
  #isOver = false;

  constructor(options: BridgeMeteringOptions) {
    this.#options = options;
    void this.#keep();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#timer?.[Symbol.dispose]();
  }

  async #keep(): Promise<void> {
    const { connection } = this.#options;
    await this.#attempt(async () => this.#look(await PuntMetering.observe(connection), false));
  }

  /** @param isToldOf whether it was told already that there is no meter of ours */
  async #look(metering: PuntMetering, isToldOf: boolean): Promise<void> {
    const { bridge, clock } = this.#options;
    const change = await metering.apply(true);
    if (this.#isOver) return;
    if (change === "repaired")
      this.#options.repaired({ kind: "meter", what: `${bridge}'s meter for packets to the controller was gone` });
    const { metered, reason } = metering.status;
    if (!metered && !isToldOf)
      this.#tell("punt-meter-missing", `what ${bridge} sends to us isn't limited there: ${reason}`);
    if (!metering.isWorthLooking) return;
    this.#timer = clock.after(lookMs, () => void this.#attempt(() => this.#look(metering, !metered)));
  }

  #tell(kind: string, message: string): void {
    this.#options.event("warning", kind, message);
  }

  async #attempt(task: () => Promise<void>): Promise<void> {
    const { bridge, logger } = this.#options;
    await task().catch((error: unknown) => {
      // When the connection ends, so does this.
      if (!this.#isOver) logger.debug({ bridge, error: messageOf(error) }, "a bridge's meter could not be looked at");
    });
  }
}
