import type { Clock } from "@loomstack/core";
import type { Path } from "./path-prober.ts";
import { decodeProbe, probeLength } from "./probe-packet.ts";

/**
 * What a path does with packets of a size: carries them; loses them, and carries short ones; loses all; or nobody can say,
 * because the hypervisor that they would be sent from isn't connected.
 */
export type PathCapacity = "carried" | "too-large" | "silent" | "unknown";

export interface PathMeasureOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /** Sends a probe of `length` bytes. Gives whether it was sent. */
  readonly send: (path: Path, nonce: bigint, length: number) => boolean;
}

/** The first one to a peer whose MAC address has to be resolved is lost. */
const mostAttempts = 5;
const pauseMs = 100;

interface Measurement {
  readonly path: Path;
  /** Of short probes and of long ones. */
  readonly short: bigint;
  readonly long: bigint;
  readonly settle: (capacity: PathCapacity) => void;
  hasShort: boolean;
  attempts: number;
  timer: Disposable | undefined;
}

/** Finds out, when somebody asks, whether a path carries packets of a size. Its probes are those of PathProber, only longer. */
export class PathMeasure implements Disposable {
  readonly #options: PathMeasureOptions;
  readonly #measurements = new Map<bigint, Measurement>();

  constructor(options: PathMeasureOptions) {
    this.#options = options;
  }

  /** @param frameBytes of the guest's Ethernet frame, without its check sequence */
  async measure(path: Path, frameBytes: number): Promise<PathCapacity> {
    return new Promise((resolve) => {
      const [short, long] = [this.#nonce(), this.#nonce()];
      const measurement: Measurement = {
        ...{ path, short, long, hasShort: false, attempts: 0, timer: undefined },
        settle: (capacity) => {
          measurement.timer?.[Symbol.dispose]();
          for (const nonce of [short, long]) this.#measurements.delete(nonce);
          resolve(capacity);
        },
      };
      for (const nonce of [short, long]) this.#measurements.set(nonce, measurement);
      this.#attempt(measurement, Math.max(frameBytes, probeLength));
    });
  }

  /** Takes a frame that the hypervisor `at` showed to the controller. */
  received(at: string, frame: Uint8Array): void {
    const nonce = decodeProbe(frame);
    const measurement = nonce === undefined ? undefined : this.#measurements.get(nonce);
    if (measurement === undefined || measurement.path.to !== at) return;
    if (nonce === measurement.long) measurement.settle("carried");
    else measurement.hasShort = true;
  }

  [Symbol.dispose](): void {
    for (const measurement of new Set(this.#measurements.values())) measurement.settle("unknown");
  }

  #attempt(measurement: Measurement, length: number): void {
    const { path, short, long, settle, hasShort, attempts } = measurement;
    if (attempts === mostAttempts) return settle(hasShort ? "too-large" : "silent");
    const { send, clock } = this.#options;
    const isSent = [send(path, short, probeLength), send(path, long, length)].every(Boolean);
    if (!isSent) return settle("unknown");
    if (!this.#measurements.has(long)) return;
    measurement.attempts += 1;
    measurement.timer = clock.after(pauseMs, () => this.#attempt(measurement, length));
  }

  #nonce(): bigint {
    const word = (): bigint => BigInt(Math.floor(this.#options.random() * 2 ** 32));
    let nonce = (word() << 32n) | word();
    while (this.#measurements.has(nonce)) nonce = BigInt.asUintN(64, nonce + 1n);
    return nonce;
  }
}
