/**
 * The way of packets that a switch sends to its controller, apart from that of everything else: they wait in a bounded
 * queue until the rest of what has arrived is done, and are delivered a few at a time, so that a flood of them delays
 * neither replies nor errors, and costs what it costs to look at their headers. What finds the queue full is dropped.
 */
import type { Clock } from "@loomstack/core";
import { nicira } from "../nicira/actions.ts";

export interface PuntLimits {
  readonly mostWaitingPackets: number;
  readonly mostWaitingPacketBytes: number;
}

/** How many packets a switch has sent. */
export interface PuntCounters {
  readonly received: number;
  /** Those that found the queue full. */
  readonly dropped: number;
  /** Those that are still in the queue. */
  readonly waiting: number;
}

/** What is delivered before other work gets its turn, whichever comes first. */
const mostPerTurn = 1000;
const turnMs = 5;
/** The clock is looked at after each packet, or, as long as they take no time that it shows, after so many. */
const mostBetweenLooks = 16;

const packetIn = 10;
const experimenter = 4;
/** NXT_PACKET_IN and NXT_PACKET_IN2 */
const niciraPacketIns: readonly number[] = [17, 30];

/** Whether the bytes of a message, of any version, are those of a packet for the controller. */
export function isPunted(bytes: Uint8Array): boolean {
  if (bytes[1] === packetIn) return true;
  if (bytes[1] !== experimenter || bytes.byteLength < 16) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return view.getUint32(8) === nicira && niciraPacketIns.includes(view.getUint32(12));
}

export class PuntedPackets implements Disposable {
  readonly #limits: PuntLimits;
  readonly #clock: Clock;
  readonly #deliver: (bytes: Uint8Array) => void;
  #queue: Uint8Array[] = [];
  #next = 0;
  /** Those before it are copies. */
  #owned = 0;
  #waitingSize = 0;
  #received = 0;
  #dropped = 0;
  #timer: Disposable | undefined;

  /** @param deliver is given the bytes of one message at a time; must not throw */
  constructor(limits: PuntLimits, clock: Clock, deliver: (bytes: Uint8Array) => void) {
    this.#limits = limits;
    this.#clock = clock;
    this.#deliver = deliver;
  }

  get counters(): PuntCounters {
    return { received: this.#received, dropped: this.#dropped, waiting: this.#queue.length - this.#next };
  }

  /** Queues a message, of which `bytes` may be part of a far larger buffer: `turn` is to follow at once. */
  offer(bytes: Uint8Array): void {
    this.#received++;
    const { mostWaitingPackets, mostWaitingPacketBytes } = this.#limits;
    const isFull = this.#queue.length - this.#next >= mostWaitingPackets;
    if (isFull || this.#waitingSize + bytes.byteLength > mostWaitingPacketBytes) {
      this.#dropped++;
      return;
    }
    this.#queue.push(bytes);
    this.#waitingSize += bytes.byteLength;
  }

  /**
   * Delivers a few packets, and goes on by itself a little later as long as there are more. While it does, there are no
   * turns besides: in a flood each chunk that arrives would have one otherwise, and replies wait behind them all.
   */
  turn(): void {
    if (this.#timer === undefined) this.#takeTurn();
    this.#keepOwn();
  }

  #takeTurn(): void {
    let seenMs = this.#clock.now();
    const untilMs = seenMs + turnMs;
    // Asking for the time takes as long as a tenth of what reading a packet and answering it does.
    let [nextLook, gap] = [1, 1];
    for (let delivered = 1; delivered <= mostPerTurn; delivered++) {
      const bytes = this.#take();
      if (bytes === undefined) return;
      this.#deliver(bytes);
      if (delivered < nextLook) continue;
      const nowMs = this.#clock.now();
      if (nowMs >= untilMs) break;
      gap = nowMs > seenMs ? 1 : Math.min(2 * gap, mostBetweenLooks);
      seenMs = nowMs;
      nextLook = delivered + gap;
    }
    if (this.#next === this.#queue.length) return;
    this.#timer = this.#clock.after(0, () => {
      this.#timer = undefined;
      this.#takeTurn();
    });
  }

  /** Forgets what waits. */
  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    [this.#queue, this.#next, this.#owned, this.#waitingSize] = [[], 0, 0, 0];
  }

  /** Puts copies in the place of what waits, so that it doesn't keep large buffers alive. */
  #keepOwn(): void {
    for (let index = Math.max(this.#owned, this.#next); index < this.#queue.length; index++) {
      const bytes = this.#queue[index];
      if (bytes !== undefined) this.#queue[index] = new Uint8Array(bytes);
    }
    this.#owned = this.#queue.length;
  }

  #take(): Uint8Array | undefined {
    const bytes = this.#queue[this.#next];
    if (bytes === undefined) return undefined;
    this.#next++;
    this.#waitingSize -= bytes.byteLength;
    // Taking from an array's front one by one would move all the others each time.
    if (this.#next === this.#queue.length || this.#next >= 1024) {
      this.#queue = this.#queue.slice(this.#next);
      this.#owned = Math.max(0, this.#owned - this.#next);
      this.#next = 0;
    }
    return bytes;
  }
}
