import type { Clock } from "@loomstack/core";
import type { Sighting } from "@loomstack/model";
import type { PacketIn } from "@loomstack/openflow";
import { tableOf } from "../../pipeline/tables.ts";
import { readWatchCookie, type WatchPlace } from "./watching-flows.ts";

/** What was seen at the places of one live trace. */
export class Sightings {
  readonly #clock: Clock;
  readonly #trace: number;
  readonly #places: readonly WatchPlace[];
  readonly #seen = new Map<number, Sighting>();
  #sentAtMs: number | undefined;
  #look: (() => void) | undefined;

  constructor(clock: Clock, trace: number, places: readonly WatchPlace[]) {
    this.#clock = clock;
    this.#trace = trace;
    this.#places = places;
  }

  /** In time. */
  get all(): readonly Sighting[] {
    return [...this.#seen.values()];
  }

  has(isMeant: (place: WatchPlace) => boolean): boolean {
    return this.#places.some((place, index) => this.#seen.has(index) && isMeant(place));
  }

  /** Takes what the hypervisor `at` shows. */
  received(at: string, { cookie, data }: PacketIn): void {
    const read = readWatchCookie(cookie);
    const place = read?.trace === this.#trace ? this.#places[read.index] : undefined;
    if (read === undefined || place?.hypervisor !== at || this.#seen.has(read.index)) return;
    const { hypervisor, bridge, tableId, watched } = place;
    if (this.#sentAtMs === undefined || !watched.isIt(data)) return;
    this.#seen.set(read.index, {
      ...{ what: watched.what, hypervisor, bridge, table: tableOf(bridge, tableId)?.name ?? String(tableId) },
      afterMs: this.#clock.now() - this.#sentAtMs,
    });
    this.#look?.();
  }

  /** Sends a packet by `send`, and resolves when `holds`, or `limitMs` are over. */
  async after(send: () => void, holds: () => boolean, limitMs: number): Promise<void> {
    this.#sentAtMs ??= this.#clock.now();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    using _limit = this.#clock.after(limitMs, () => resolve(undefined));
    this.#look = (): void => {
      if (holds()) resolve(undefined);
    };
    send();
    await promise;
    this.#look = undefined;
  }
}
