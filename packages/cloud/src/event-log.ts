import type { Clock, Logger } from "@loomstack/core";
import { appendEvent, type Store } from "@loomstack/model";
import type { EventLog } from "./context.ts";

/** Keeps events in the store, and logs them. */
export function eventLog(deps: { readonly store: Store; readonly clock: Clock; readonly logger: Logger }): EventLog {
  const { store, clock, logger } = deps;
  return {
    async note({ severity, kind, message, object, host }) {
      const fields = { kind, object, host };
      if (severity === "info") logger.info(fields, message);
      else if (severity === "warning") logger.warn(fields, message);
      else logger.error(fields, message);
      const concerned = {
        ...(object === undefined ? {} : { object }),
        ...(host === undefined ? {} : { hypervisor: host }),
      };
      try {
        await appendEvent(store, { at: clock.now(), severity, kind, message, ...concerned });
      } catch (error) {
        logger.error({ error }, "an event could not be kept");
      }
    },
  };
}
