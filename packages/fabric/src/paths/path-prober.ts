import { backoffDelayMs, type BackoffPolicy, type Clock, type Ipv4, Listeners } from "@loomstack/core";
import type { ControllerReading } from "@loomstack/model";
import type { Encapsulation } from "../compile/plan.ts";
import { PathMap } from "./path-map.ts";
import { decodeProbe } from "./probe-packet.ts";

/** A way through the overlay, in one direction. */
export interface Path {
  /** Keys of the hypervisors. */
  readonly from: string;
  readonly to: string;
  readonly encapsulation: Encapsulation;
  /** The tunnel endpoint of `to`. */
  readonly endpoint: Ipv4;
}

export interface PathProberOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /**
   * Sends a probe that carries `nonce` along `path`. Gives whether one of its ends could send it, and the other one show
   * it: while either isn't connected, nobody can say whether the path works.
   */
  readonly send: (path: Path, nonce: bigint) => boolean;
}

const retry: BackoffPolicy = { firstMs: 20, limitMs: 2_000 };
/** A path that works is given up when this many probes in a row are lost, sent so long after each other. */
const mostLost = 3;
const recheckMs = 1_000;

interface Probe {
  readonly path: Path;
  nonce: bigint;
  up: boolean;
  attempts: number;
  timer: Disposable | undefined;
}

/**
 * Finds out whether paths work, by sending a probe along each until the other hypervisor shows that it arrived. The
 * first packet to a new peer is lost while Open vSwitch resolves the peer's MAC address: it is a probe's then, and not
 * a guest's.
 */
export class PathProber implements Disposable {
  readonly #options: PathProberOptions;
  readonly #probes = new PathMap<Probe>();
  readonly #nonces = new Map<bigint, Probe>();
  /** The probes from and to each hypervisor: what happens to one hypervisor concerns no others. */
  readonly #byHypervisor = new Map<string, Set<Probe>>();
  #sent = 0;
  #arrived = 0;
  /** Told when a path turned out to work, or to work still. */
  readonly confirmed = new Listeners<Path>();
  /** Told when a path that worked turned out to work no more. It is probed on until it does. */
  readonly broken = new Listeners<Path>();

  constructor(options: PathProberOptions) {
    this.#options = options;
  }

  /** How many paths there are, how many of them are known to work, and how many probes were sent and have arrived. */
  reading(): ControllerReading["paths"] {
    const up = this.#probes.values().reduce((sum, probe) => sum + (probe.up ? 1 : 0), 0);
    return { wanted: this.#probes.size, up, probesSent: this.#sent, probesArrived: this.#arrived };
  }

  isUp(path: Path): boolean {
    return this.#probes.get(path)?.up ?? false;
  }

  /**
   * Sets the paths that the hypervisor `from` needs: new ones are probed, those no longer needed are forgotten. Its
   * flows for them are in place now, so whatever is still probed from it or to it is sent at once, too.
   */
  want(from: string, paths: readonly Path[]): void {
    const wanted = new PathMap<true>();
    for (const path of paths) wanted.set(path, true);
    for (const probe of this.#of(from)) {
      if (probe.path.from === from && wanted.get(probe.path) === undefined) this.#forget(probe);
      else if (!probe.up) this.#restart(probe);
    }
    for (const path of paths) if (this.#probes.get(path) === undefined) this.#start(path);
  }

  /** Doubts every path from or to a hypervisor (its bridge was away): they are probed again. */
  doubt(hypervisor: string): void {
    for (const probe of this.#of(hypervisor)) {
      this.#forget(probe);
      this.#start(probe.path);
    }
  }

  /** Probes a path that works once more. Gives whether it is one that worked so far. */
  recheck(path: Path): boolean {
    const probe = this.#probes.get(path);
    if (probe?.up !== true) return false;
    // What was sent before proves nothing now.
    this.#nonces.delete(probe.nonce);
    probe.nonce = this.#freshNonce();
    this.#nonces.set(probe.nonce, probe);
    probe.timer?.[Symbol.dispose]();
    this.#verify(probe, 1);
    return true;
  }

  /** Takes a frame that the hypervisor `at` showed to the controller. */
  received(at: string, frame: Uint8Array): void {
    const nonce = decodeProbe(frame);
    const probe = nonce === undefined ? undefined : this.#nonces.get(nonce);
    if (probe === undefined || probe.path.to !== at) return;
    this.#nonces.delete(probe.nonce);
    probe.up = true;
    this.#arrived += 1;
    probe.timer?.[Symbol.dispose]();
    this.confirmed.tell(probe.path);
  }

  [Symbol.dispose](): void {
    for (const probe of [...this.#probes.values()]) this.#forget(probe);
  }

  #of(hypervisor: string): readonly Probe[] {
    return [...(this.#byHypervisor.get(hypervisor) ?? [])];
  }

  #start(path: Path): void {
    const nonce = this.#freshNonce();
    const probe: Probe = { path, nonce, up: false, attempts: 0, timer: undefined };
    this.#probes.set(path, probe);
    this.#nonces.set(nonce, probe);
    for (const end of [path.from, path.to])
      this.#byHypervisor.set(end, (this.#byHypervisor.get(end) ?? new Set()).add(probe));
    this.#attempt(probe);
  }

  /** Sends now, and begins anew to count how often. */
  #restart(probe: Probe): void {
    probe.timer?.[Symbol.dispose]();
    probe.attempts = 0;
    this.#attempt(probe);
  }

  #verify(probe: Probe, attempt: number): void {
    if (!this.#options.send(probe.path, probe.nonce)) return;
    this.#sent += 1;
    probe.timer = this.#options.clock.after(recheckMs, () => {
      if (attempt < mostLost) return this.#verify(probe, attempt + 1);
      probe.up = false;
      this.#restart(probe);
      this.broken.tell(probe.path);
    });
  }

  #attempt(probe: Probe): void {
    if (this.#options.send(probe.path, probe.nonce)) this.#sent += 1;
    probe.attempts += 1;
    probe.timer = this.#options.clock.after(backoffDelayMs(retry, probe.attempts, this.#options.random), () =>
      this.#attempt(probe),
    );
  }

  #forget(probe: Probe): void {
    probe.timer?.[Symbol.dispose]();
    this.#probes.delete(probe.path);
    this.#nonces.delete(probe.nonce);
    for (const end of [probe.path.from, probe.path.to]) {
      const probes = this.#byHypervisor.get(end);
      probes?.delete(probe);
      if (probes?.size === 0) this.#byHypervisor.delete(end);
    }
  }

  #freshNonce(): bigint {
    const word = (): bigint => BigInt(Math.floor(this.#options.random() * 2 ** 32));
    let nonce = (word() << 32n) | word();
    while (this.#nonces.has(nonce)) nonce = BigInt.asUintN(64, nonce + 1n);
    return nonce;
  }
}

/** Names a path among all others. */
export function pathKey(path: Path): string {
  return `${path.from} ${path.to} ${path.encapsulation} ${path.endpoint}`;
}
