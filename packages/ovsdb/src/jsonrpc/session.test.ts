import { once } from "node:events";
import { connect, createServer } from "node:net";
import { silentLogger } from "@loomstack/core";
import { FakeClock } from "@loomstack/testkit";
import { expect, test } from "vitest";
import { Session } from "./session.ts";
import { defaultSessionLimits } from "./session-limits.ts";

test("a session on a socket that has closed already is over, and disposing of it ends", async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const socket = connect(typeof address === "object" && address !== null ? address.port : 0, "127.0.0.1");
  await once(socket, "close");
  server.close();
  const clock = new FakeClock();
  const session = new Session(socket, {
    ...{ remote: "tcp:127.0.0.1", clock, logger: silentLogger, limits: defaultSessionLimits },
    onNotification: () => true,
  });
  expect(session.isOpen).toBe(false);
  expect(await session.closed).toMatchObject({ code: "OVSDB__CONNECTION_LOST" });
  await session[Symbol.asyncDispose]();
  expect(clock.waiting).toBe(0);
});
