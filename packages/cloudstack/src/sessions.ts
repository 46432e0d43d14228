import { timingSafeEqual } from "node:crypto";
import type { Clock, Uuid, RandomBytes } from "@loomstack/core";
import type { UserWithSecrets } from "@loomstack/model";

export interface Session {
  /** Goes into the cookie. */
  readonly id: string;
  /** Goes into a parameter of each request: a page of another site can have the cookie sent, but can't know this. */
  readonly key: string;
  readonly userId: Uuid;
  /** Of the password that it began with, with which it ends. */
  readonly passwordHash: string;
  readonly expiresAt: number;
}

export const sessionTimeoutSec = 1800;
const sessionLimit = 10_000;

/** The sessions of users who logged in; kept in memory, and over after half an hour without a request. */
export class Sessions {
  readonly #clock: Clock;
  readonly #random: RandomBytes;
  /** In the order of their last use. */
  readonly #sessions = new Map<string, Session>();

  constructor(clock: Clock, random: RandomBytes) {
    this.#clock = clock;
    this.#random = random;
  }

  /** When there are too many, the one that was used longest ago ends. */
  open({ id: userId, passwordHash }: UserWithSecrets): Session {
    const token = (): string => Buffer.from(this.#random(24)).toString("base64url");
    const session: Session = { id: token(), key: token(), userId, passwordHash, expiresAt: this.#expiry() };
    this.#sessions.set(session.id, session);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > sessionLimit && oldest !== undefined) this.#sessions.delete(oldest);
    return session;
  }

  /** The session of that id and key, which is thereby used. */
  use(id: string, key: string): Session | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined || !isSame(session.key, key)) return undefined;
    this.#sessions.delete(id);
    if (session.expiresAt <= this.#clock.now()) return undefined;
    const used = { ...session, expiresAt: this.#expiry() };
    this.#sessions.set(id, used);
    return used;
  }

  close(id: string): void {
    this.#sessions.delete(id);
  }

  #expiry(): number {
    return this.#clock.now() + sessionTimeoutSec * 1000;
  }
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
