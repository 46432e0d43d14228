import { type Clock, isLoomstackError, type Logger, messageOf } from "@loomstack/core";
import { appendEvent, type Store } from "@loomstack/model";
import type { TellEvent } from "../event-throttle.ts";

/** Records what services come to know. */
export function recordServiceEvents({
  store,
  clock,
  logger,
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
}): TellEvent {
  return (severity, kind, message) => {
    appendEvent(store, { at: clock.now(), severity, kind, message }).catch((error: unknown) => {
      // A store that is being closed takes no more events; the log has them all the same.
      const level = isLoomstackError(error, "MODEL__STORE_CLOSED") ? "debug" : "error";
      logger[level]({ kind, error: messageOf(error) }, "an event could not be recorded");
    });
  };
}
