import { type Clock, isLoomstackError, type Logger, messageOf } from "@loomstack/core";
import { appendEvent, type Store } from "@loomstack/model";
import type { Concerned, TellEvent } from "./event-throttle.ts";

export interface EventRecord {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Records events; `concerned` is what all of them concern. */
export function recordEvents({ store, clock, logger }: EventRecord, concerned: Concerned = {}): TellEvent {
  return (severity, kind, message, about) => {
    const whom = { ...concerned, ...about };
    appendEvent(store, { at: clock.now(), severity, kind, message, ...whom }).catch((error: unknown) => {
      // A store that is being closed takes no more events; the log has them all the same.
      const level = isLoomstackError(error, "MODEL__STORE_CLOSED") ? "debug" : "error";
      logger[level]({ ...whom, kind, error: messageOf(error) }, "an event could not be recorded");
    });
  };
}
