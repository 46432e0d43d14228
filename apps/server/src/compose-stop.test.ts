import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { silentLogger } from "@loomstack/core";
import { expect, onTestFinished, test, vi } from "vitest";
import { compose } from "./compose.ts";
import { configSchema } from "./config.ts";

const controllerStop = vi.hoisted(() => ({
  begun: Promise.withResolvers<undefined>(),
  mayEnd: Promise.withResolvers<undefined>(),
}));

/** A controller that takes as long to stop as the test wants. */
vi.mock(import("@loomstack/fabric"), async (original) => {
  const fabric = await original();
  return {
    ...fabric,
    startController: async (options) => {
      const controller = await fabric.startController(options);
      return {
        ...controller,
        async [Symbol.asyncDispose]() {
          controllerStop.begun.resolve(undefined);
          await controllerStop.mayEnd.promise;
          await controller[Symbol.asyncDispose]();
        },
      };
    },
  };
});

test(
  "a process that stops is alive to its end, not ready from the first moment on, and answers nothing else",
  { timeout: 60_000 },
  async () => {
    const folder = await mkdtempDisposable(path.join(tmpdir(), "loomstack-server-"));
    onTestFinished(() => folder.remove());
    const anyPort = { host: "127.0.0.1", port: 0 };
    const listens = { http: anyPort, openflow: anyPort, plainTcp: true };
    const stateFolder = path.join(folder.path, "state");
    const server = await compose(configSchema.parse({ stateFolder, halves: ["controller"], ...listens }), silentLogger);
    const ask = async (call: string): Promise<number> => (await fetch(`${server.url}/api/v1${call}`)).status;
    const all = async (): Promise<number[]> => Promise.all(["/health/live", "/health/ready", "/revision"].map(ask));
    expect(await all()).toEqual([200, 200, 401]);
    const stopped = server[Symbol.asyncDispose]();
    await controllerStop.begun.promise;
    expect(await all()).toEqual([200, 503, 503]);
    controllerStop.mayEnd.resolve(undefined);
    await stopped;
    await expect(ask("/health/live")).rejects.toThrow();
  },
);
