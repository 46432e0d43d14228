import { expect, test } from "vitest";
import { parseServerSentEvents, type ServerSentEvent } from "./server-sent-events.ts";

async function parsed(...chunks: readonly string[]): Promise<ServerSentEvent[]> {
  const bytes = (async function* () {
    for (const chunk of chunks) yield await Promise.resolve(Buffer.from(chunk));
  })();
  const events: ServerSentEvent[] = [];
  for await (const event of parseServerSentEvents(bytes)) events.push(event);
  return events;
}

test("events are read however they are cut, and comments and what isn't complete aren't events", async () => {
  const text = 'retry: 2000\n\n:\n\nid: 7\ndata: {"a":1}\n\nevent: missed\ndata: one\ndata: two\n\ndata: lost';
  const events = [
    { type: "message", data: '{"a":1}', id: "7" },
    { type: "missed", data: "one\ntwo", id: undefined },
  ];
  expect(await parsed(text)).toEqual(events);
  expect(await parsed(...text.split(/(?<=.)/))).toEqual(events);
});

test("a line without end is refused", async () => {
  await expect(parsed("data: ", "x".repeat(1024 * 1024))).rejects.toThrow("has no end");
});
