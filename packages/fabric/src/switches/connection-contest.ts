import type { Clock } from "@loomstack/core";
import type { SwitchConnection } from "@loomstack/openflow";
import { answersInTime } from "./answers-in-time.ts";

/**
 * Who keeps the place of a switch that two connections claim: the one that was there first, as long as it answers. Nobody
 * takes a switch over by claiming to be it, and a switch that comes back after its old connection has died isn't kept out
 * by that.
 */
export class ConnectionContest {
  readonly #clock: Clock;
  #challenger: SwitchConnection | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Takes a second connection, and closes it if it loses, or if another one is being looked at.
   *
   * @param decided told when it is decided, unless `dismiss` was called before; the loser isn't closed yet where it is the
   *   incumbent
   */
  enter(
    incumbent: SwitchConnection,
    challenger: SwitchConnection,
    decided: (winner: "incumbent" | "challenger") => void,
  ): void {
    if (this.#challenger !== undefined)
      return challenger.close("another connection of the same datapath id is being looked at");
    this.#challenger = challenger;
    void this.#decide(incumbent, challenger, decided);
  }

  /** Whoever is being looked at is sent away. */
  dismiss(reason: string): void {
    this.#challenger?.close(reason);
    this.#challenger = undefined;
  }

  async #decide(
    incumbent: SwitchConnection,
    challenger: SwitchConnection,
    decided: (winner: "incumbent" | "challenger") => void,
  ): Promise<void> {
    const isAlive = await answersInTime(incumbent, this.#clock);
    if (this.#challenger !== challenger) return;
    this.#challenger = undefined;
    if (isAlive) challenger.close(`the switch is connected from ${incumbent.remoteAddress} already`);
    decided(isAlive ? "incumbent" : "challenger");
  }
}
