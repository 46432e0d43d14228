/** What the command line makes of events, with a server that says what a test wants. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "@loomstack/core";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { cli, startCliRun } from "../../testing/cli.ts";

beforeEach(() => {
  vi.stubEnv("LOOMSTACK_USER", "admin");
  vi.stubEnv("LOOMSTACK_PASSWORD", "secret");
});
afterEach(() => void vi.unstubAllEnvs());

/** Waits for nothing: what would be tried again later is tried again at once. */
const hasty: Clock = {
  now: () => 0,
  after(_delayMs, task) {
    const timer = setImmediate(task);
    return { [Symbol.dispose]: () => clearImmediate(timer) };
  },
};

async function serverThat(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const event = (id: number, message: string) => ({ id, at: 0, severity: "warning", kind: "drift-repaired", message });
const sent = (id: number, message: string): string => `id: ${id}\ndata: ${JSON.stringify(event(id, message))}\n\n`;

test("events are listed from the one asked for", async () => {
  const asked: (string | undefined)[] = [];
  const url = await serverThat((request, response) => {
    asked.push(request.url);
    response.setHeader("content-type", "application/json").end(JSON.stringify({ events: [event(8, "put back")] }));
  });
  const { status, stdout } = await cli(["events", "--url", url, "--since", "7", "--limit", "5"]);
  expect([status, asked]).toEqual([0, ["/api/v1/events?since=7&limit=5"]]);
  expect(stdout).toMatch(/^8 +1970-01-01T00:00:00.000Z +warning +drift-repaired +put back$/m);
});

test("a stream that is lost is taken up again after the last event, and what was missed is told", async () => {
  const resumedAfter: unknown[] = [];
  const url = await serverThat((request, response) => {
    const connections = resumedAfter.push(request.headers["last-event-id"]);
    response.writeHead(200, { "content-type": "text/event-stream" });
    if (connections === 1) response.write(sent(3, "first"), () => void response.socket?.destroy());
    else response.write(`event: missed\ndata: {"before":8}\n\n${sent(8, "second \u001b[31m")}`);
  });
  await using run = startCliRun(["events", "--follow", "--since", "2", "--url", url], { clock: hasty });
  await run.printed(/second/);
  run.interrupt();
  const { status, stdout, stderr } = await run.ended;
  expect([status, resumedAfter]).toEqual([130, ["2", "3"]]);
  expect(stdout).toContain("1970-01-01T00:00:00.000Z warning drift-repaired first\n");
  expect(stdout).not.toContain("\u001b");
  expect(stderr).toContain("some events before 8 came and were forgotten");
});

test("JSON is a line for each event, as it came", async () => {
  const url = await serverThat((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).write(sent(3, "first"));
  });
  await using run = startCliRun(["events", "--follow", "--json", "--url", url], { clock: hasty });
  await run.printed(/\n/);
  run.interrupt();
  expect(JSON.parse((await run.ended).stdout)).toEqual(event(3, "first"));
});

test("a stream that is refused ends the command, with the reason", async () => {
  const url = await serverThat((_request, response) => {
    response.writeHead(503).end(JSON.stringify({ error: { code: "NORTHBOUND__BUSY", message: "too many" } }));
  });
  const { status, stderr } = await cli(["events", "--follow", "--url", url], { clock: hasty });
  expect([status, stderr]).toEqual([1, expect.stringContaining("(NORTHBOUND__BUSY, HTTP status 503)")]);
});
