import type { LoomstackError } from "@loomstack/core";
import type { AnyMonitorConditions } from "../monitor/conditions.ts";
import type { Connection } from "./connection.ts";
import type { Subscription } from "./subscription.ts";

/** The monitor that keeps a subscription up to date, on the connection that has it. */
interface Feed {
  readonly connection: Connection;
  readonly id: string;
}

/** The subscriptions that outlive connections, and what feeds them now. */
export class Feeds {
  readonly #bySubscription = new Map<Subscription, Feed>();

  add(subscription: Subscription, connection: Connection, id: string): void {
    this.#bySubscription.set(subscription, { connection, id });
  }

  /** Brings all subscriptions up to date on a new connection. @throws as Connection.subscribe */
  async resumeAll(connection: Connection): Promise<void> {
    const subscriptions = [...this.#bySubscription.keys()];
    await Promise.all(subscriptions.map((subscription) => this.#resume(connection, subscription)));
  }

  /** @returns whether the connection has the subscription. @throws as Connection.changeConditions */
  async changeConditions(
    connection: Connection,
    subscription: Subscription,
    where: AnyMonitorConditions,
  ): Promise<boolean> {
    const feed = this.#bySubscription.get(subscription);
    if (feed?.connection !== connection) return false;
    await connection.changeConditions(feed.id, where);
    return true;
  }

  async end(subscription: Subscription, error: LoomstackError): Promise<void> {
    const feed = this.#bySubscription.get(subscription);
    this.#bySubscription.delete(subscription);
    subscription.end(error);
    await feed?.connection.unsubscribe(feed.id);
  }

  endAll(error: LoomstackError): void {
    for (const subscription of this.#bySubscription.keys()) subscription.end(error);
    this.#bySubscription.clear();
  }

  async #resume(connection: Connection, subscription: Subscription): Promise<void> {
    const id = await connection.subscribe(subscription);
    if (this.#bySubscription.has(subscription)) this.add(subscription, connection, id);
    else await connection.unsubscribe(id);
  }
}
