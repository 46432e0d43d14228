/**
 * The meter through which a switch sends packets to its controllers. It makes the switch drop a flood before it is sent,
 * so that flow programming has the connection to itself.
 *
 * A switch has one such meter, and a meter has no mark of its owner: one that is set exactly as ours would be is ours; any
 * other is somebody else's, and stays as it is.
 */
import { isLoomstackError, messageOf } from "@loomstack/core";
import type { PuntMeterStatus } from "@loomstack/model";
import {
  formatMeter,
  Meter,
  type MeterConfig,
  meterConfigs,
  meterFeatures,
  puntMeter,
  type PuntRate,
  type SwitchConnection,
} from "@loomstack/openflow";

/** What one switch may send to the controller: plenty for people to look at, and little for us to take. */
export const puntRate: PuntRate & { readonly burstPackets: number } = { packetsPerSec: 1_000, burstPackets: 1_000 };

/** What a look at the meter has shown. */
type Seen = "nothing" | "ours" | { readonly foreign: string };

/** What was done about it. */
export type MeterChange = "none" | "set" | "repaired" | "taken-away" | "found-foreign";

export class PuntMetering {
  readonly #connection: SwitchConnection;
  /** Why there can be no meter of ours; undefined where there can. */
  #obstacle: string | undefined;
  #seen: Seen;
  #isWanted = false;

  private constructor(connection: SwitchConnection, obstacle: string | undefined, seen: Seen) {
    this.#connection = connection;
    this.#obstacle = obstacle;
    this.#seen = seen;
  }

  /** Asks the switch whether it has such a meter. @throws OPENFLOW__… when the connection ends */
  static async observe(connection: SwitchConnection): Promise<PuntMetering> {
    try {
      const obstacle = await whyNoMeter(connection);
      return new PuntMetering(connection, obstacle, obstacle === undefined ? await look(connection) : "nothing");
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return new PuntMetering(connection, `the switch has no meters: ${messageOf(error)}`, "nothing");
    }
  }

  get status(): PuntMeterStatus {
    if (this.#seen === "ours")
      return { metered: true, reason: `the switch drops what goes beyond ${puntRate.packetsPerSec} packets a second` };
    if (!this.#isWanted) return { metered: false, reason: "none of its flows sends packets to the controller" };
    if (typeof this.#seen === "object")
      return {
        metered: false,
        reason: `somebody else has set the switch's meter for controllers: ${this.#seen.foreign}`,
      };
    return { metered: false, reason: this.#obstacle ?? "the meter is being set" };
  }

  /** Whether somebody else might change what is right now: nothing tells of changes of meters, so `look` has to. */
  get isWorthLooking(): boolean {
    return this.#isWanted && this.#obstacle === undefined;
  }

  /**
   * Sets the meter, or takes it away, unless it is somebody else's.
   *
   * @param isWanted whether the switch should have it
   * @throws OPENFLOW__… when the connection ends
   */
  async apply(isWanted: boolean): Promise<MeterChange> {
    const [before, wasWanted] = [this.#seen, this.#isWanted];
    this.#isWanted = isWanted;
    if (this.#obstacle !== undefined) return "none";
    if (this.isWorthLooking && wasWanted) this.#seen = await look(this.#connection);
    const isKnownForeign = typeof before === "object" && wasWanted;
    if (typeof this.#seen === "object") return isWanted && !isKnownForeign ? "found-foreign" : "none";
    if (isWanted === (this.#seen === "ours")) return "none";
    await (isWanted ? this.#set() : this.#takeAway());
    if (!isWanted) return "taken-away";
    if (typeof this.#seen === "object") return "found-foreign";
    if (this.#seen === "nothing") return "none";
    return before === "ours" && wasWanted ? "repaired" : "set";
  }

  async #set(): Promise<void> {
    // Only added, never put in the place of another: whoever was quicker than us keeps it.
    try {
      await this.#connection.apply(puntMeter(puntRate));
      this.#seen = "ours";
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#seen = await look(this.#connection);
      if (this.#seen === "nothing") this.#obstacle = `the switch refused the meter: ${messageOf(error)}`;
    }
  }

  async #takeAway(): Promise<void> {
    await this.#connection.apply(puntMeter(undefined));
    this.#seen = "nothing";
  }
}

/** @see OpenFlow 1.3.5, 7.3.5.14 */
async function whyNoMeter(connection: SwitchConnection): Promise<string | undefined> {
  if (connection.version === "1.0") return "OpenFlow 1.0, which the switch speaks, has no meters";
  const { maxMeters, bandTypes, capabilities, maxBands } = await connection.request(meterFeatures());
  if (maxMeters === 0 || maxBands === 0) return "the switch has no meters";
  if (bandTypes.drop !== true) return "the switch's meters don't drop packets";
  return capabilities.pktps === true ? undefined : "the switch's meters don't count packets";
}

async function look(connection: SwitchConnection): Promise<Seen> {
  try {
    const configs = await connection.request(meterConfigs(Meter.controller));
    const config = configs.find(({ meterId }) => meterId === Meter.controller);
    if (config === undefined) return "nothing";
    return isOurs(config) ? "ours" : { foreign: formatMeter(config).replaceAll("\n", " ") };
  } catch (error) {
    // OFPMMFC_UNKNOWN_METER: there is none.
    if (!isRefusal(error)) throw error;
    return "nothing";
  }
}

function isOurs({ flags, bands }: MeterConfig): boolean {
  const [band, ...others] = bands;
  if (band?.kind !== "drop" || others.length > 0 || flags.pktps !== true) return false;
  return band.rate === puntRate.packetsPerSec && band.burstSize === puntRate.burstPackets;
}

/** That the switch doesn't do what it was asked to; not that the connection has ended. */
function isRefusal(error: unknown): boolean {
  return (
    isLoomstackError(error, "OPENFLOW__REQUEST_REFUSED") ||
    isLoomstackError(error, "OPENFLOW__UNSUPPORTED_REQUEST") ||
    isLoomstackError(error, "OPENFLOW__UNSUPPORTED_BY_VERSION") ||
    isLoomstackError(error, "OPENFLOW__MESSAGE_REFUSED")
  );
}
