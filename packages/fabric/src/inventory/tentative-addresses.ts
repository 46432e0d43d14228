/**
 * Addresses of which guests ask whether anybody has them, before they use them:
 *
 *     asked ─► nobody says that it has it for a while ─► it is the port's that asked
 *
 * That is the state TENTATIVE of FCFS SAVI (RFC 6620, 3.2.2): who asks first, and isn't told no, has the address.
 */
import type { Clock, Ipv6, Mac, Uuid } from "@loomstack/core";

export interface TentativeAddress {
  readonly network: Uuid;
  readonly port: Uuid;
  readonly mac: Mac;
  readonly address: Ipv6;
}

/** How long others may say that they have it: TENT_LT of RFC 6620. */
export const tentativeMs = 500;

/** How many may be asked for at once; more are passed over, and learnt when their guests say that they have them. */
const mostTentative = 1_000;

export class TentativeAddresses implements Disposable {
  readonly #clock: Clock;
  readonly #isFree: (claim: TentativeAddress) => void;
  /** By network and address, in the order in which they were asked for. */
  readonly #claims = new Map<string, { readonly claim: TentativeAddress; readonly dueMs: number }>();
  #timer: Disposable | undefined;

  /** @param isFree told of each that nobody said to have */
  constructor(clock: Clock, isFree: (claim: TentativeAddress) => void) {
    this.#clock = clock;
    this.#isFree = isFree;
  }

  /** A port asks whether anybody has an address. Of two that ask at once neither has it (RFC 4862, 5.4.3). */
  ask(claim: TentativeAddress): void {
    const key = keyOf(claim);
    const known = this.#claims.get(key)?.claim;
    if (known !== undefined) return known.port === claim.port ? undefined : void this.#claims.delete(key);
    if (this.#claims.size >= mostTentative) return;
    this.#claims.set(key, { claim, dueMs: this.#clock.now() + tentativeMs });
    this.#timer ??= this.#clock.after(tentativeMs, () => this.#settle());
  }

  /** Somebody says that it has an address: nobody else who asks for it gets it. */
  contest({ network, address, mac }: Omit<TentativeAddress, "port">): void {
    const key = keyOf({ network, address });
    const known = this.#claims.get(key);
    if (known !== undefined && known.claim.mac !== mac) this.#claims.delete(key);
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#claims.clear();
  }

  #settle(): void {
    this.#timer = undefined;
    const nowMs = this.#clock.now();
    for (const [key, { claim, dueMs }] of this.#claims) {
      if (dueMs > nowMs) {
        this.#timer = this.#clock.after(dueMs - nowMs, () => this.#settle());
        return;
      }
      this.#claims.delete(key);
      this.#isFree(claim);
    }
  }
}

function keyOf({ network, address }: Pick<TentativeAddress, "network" | "address">): string {
  return `${network} ${address}`;
}
