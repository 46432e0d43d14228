import type { Clock } from "@loomstack/core";
import type { Sighting } from "@loomstack/model";
import type { PacketIn } from "@loomstack/openflow";
import { tableOf } from "../../pipeline/tables.ts";
import { readWatchCookie, type WatchPlace } from "./watching-flows.ts";

/** What the controller said to the packet itself. */
export interface Answered {
  /** In words that go on from "it". */
  readonly says: string;
  readonly afterMs: number;
}

/** What was seen at the places of one live trace. */
export class Sightings {
  readonly #clock: Clock;
  readonly #trace: number;
  readonly #places: readonly WatchPlace[];
  readonly #seen = new Map<number, Sighting>();
  #answer: Answered | undefined;
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

  /** Of the controller's. */
  get answer(): Answered | undefined {
    return this.#answer;
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

  /** Takes what the controller has answered to somebody's frame. */
  answered(frame: Uint8Array, says: string): void {
    const isOurs = this.#places.some(({ watched }) => watched.what === "packet" && watched.isIt(frame));
    if (this.#sentAtMs === undefined || this.#answer !== undefined || !isOurs) return;
    this.#answer = { says, afterMs: this.#clock.now() - this.#sentAtMs };
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
