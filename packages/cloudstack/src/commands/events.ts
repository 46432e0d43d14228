import { type Event, eventLimit, listEvents } from "@loomstack/model";
import { listCommand } from "../protocol/command.ts";
import { pageOf, pagingParameters } from "../protocol/paging.ts";
import { text } from "../protocol/parameter.ts";
import { field, formatTime, responseObject } from "../protocol/response.ts";

const levels: Readonly<Record<Event["severity"], string>> = { info: "INFO", warning: "WARN", error: "ERROR" };

const eventResponse = responseObject(
  "event",
  {
    id: field("string", "the ID of the event; it grows from one event to the next"),
    type: field("string", "what happened, such as VM.START"),
    level: field("string", "INFO, WARN or ERROR"),
    description: field("string", "what happened, in words"),
    resourceid: field("string", "the ID of the object concerned"),
    state: field("string", "always Completed"),
    created: field("string", "when it happened"),
  },
  (event: Event) => ({
    id: String(event.id),
    type: event.kind,
    level: levels[event.severity],
    description: event.message,
    resourceid: event.object,
    state: "Completed",
    created: formatTime(event.at),
  }),
);

export const eventCommands = {
  listEvents: listCommand({
    description: "Lists what happened, newest first, in the cloud and in the network controller of the same process",
    params: {
      type: text("what happened"),
      level: text("INFO, WARN or ERROR"),
      resourceid: text("the ID of the object concerned"),
      ...pagingParameters,
    },
    response: eventResponse,
    run: async (params, { store }, name) => {
      const { type, level, resourceid } = params;
      const found = (await listEvents(store.db, { since: 0, limit: eventLimit })).filter(
        (event) =>
          (type === undefined || event.kind.toLowerCase() === type.toLowerCase()) &&
          (level === undefined || levels[event.severity] === level.toUpperCase()) &&
          (resourceid === undefined || event.object === resourceid),
      );
      return pageOf(name, found.toReversed(), params, ({ message }) => message);
    },
  }),
};
