import type { LoomstackError } from "@loomstack/core";
import { type DatabaseStatus, judgeServer, nothingSeen, type Sighting } from "./judge-server.ts";

/** The databases that a client uses, and what it has seen of them: what every server that it takes has to suit. */
export class UsedDatabases {
  readonly #isLeaderOnly: boolean;
  readonly #seen: Map<string, Sighting>;

  constructor(names: readonly string[], isLeaderOnly: boolean) {
    this.#isLeaderOnly = isLeaderOnly;
    this.#seen = new Map(names.map((name) => [name, nothingSeen]));
  }

  has(name: string): boolean {
    return this.#seen.has(name);
  }

  add(name: string): void {
    if (!this.has(name)) this.#seen.set(name, nothingSeen);
  }

  /** Why a server can't be used, if it can't; remembers what was seen if it can. */
  judge(remote: string, statusOf: (name: string) => DatabaseStatus | undefined): LoomstackError | undefined {
    for (const [database, seen] of this.#seen) {
      const status = statusOf(database);
      const verdict = judgeServer({ remote, database, status, seen, isLeaderOnly: this.#isLeaderOnly });
      if (verdict.refusal !== undefined) return verdict.refusal;
      this.#seen.set(database, verdict.seen);
    }
    return undefined;
  }

  /** Any cluster is right again, however old its data. */
  forgetSightings(): void {
    for (const name of this.#seen.keys()) this.#seen.set(name, nothingSeen);
  }
}
