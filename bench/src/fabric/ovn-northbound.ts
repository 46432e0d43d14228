import { LoomstackError, type Uuid } from "@loomstack/core";
import type { DatabaseSchema, OvsdbClient, Replica } from "@loomstack/ovsdb";
import { connectTo } from "./hypervisor.ts";

const watched = { Logical_Switch_Port: ["name", "up"], NB_Global: ["nb_cfg", "hv_cfg"] } as const;

type Watched = Replica<DatabaseSchema, typeof watched>;

/** The northbound database as a cloud management system sees it. */
export class Northbound {
  readonly client: OvsdbClient;
  readonly #replica: Watched;
  readonly #up = new Set<string>();

  private constructor(client: OvsdbClient, replica: Watched) {
    this.client = client;
    this.#replica = replica;
    for (const row of replica.table("Logical_Switch_Port").values()) this.#see(row);
    replica.changes.add((changes) => {
      for (const change of changes)
        if (change.table === "Logical_Switch_Port" && change.after !== undefined) this.#see(change.after);
    });
  }

  /** @param port of its ovsdb-server */
  static async connect(port: number, schema: DatabaseSchema): Promise<Northbound> {
    const client = await connectTo(port);
    return new Northbound(client, await client.monitor(schema, watched));
  }

  get upCount(): number {
    return this.#up.size;
  }

  isUp(port: Uuid): boolean {
    return this.#up.has(port);
  }

  /** Which configuration was asked for last, and which one all have. */
  get config(): { readonly asked: number; readonly done: number } {
    const [row] = this.#replica.table("NB_Global").values();
    return { asked: Number(row?.["nb_cfg"] ?? 0), done: Number(row?.["hv_cfg"] ?? 0) };
  }

  /** @throws LAB__EXPECTATION_FAILED when the database is gone first */
  async until(holds: (northbound: Northbound) => boolean, what: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const look = (): void => {
      if (holds(this)) resolve(undefined);
    };
    using _watch = this.#replica.changes.add(look);
    const context = { what, expected: "that it happens", seen: "the end of OVN's northbound database" };
    void this.client.closed.then(() => reject(new LoomstackError("LAB__EXPECTATION_FAILED", context)));
    look();
    await promise;
  }

  #see({ name, up }: Readonly<Record<string, unknown>>): void {
    if (typeof name !== "string") return;
    if (up === true || (up instanceof Set && up.has(true))) this.#up.add(name);
    else this.#up.delete(name);
  }
}
