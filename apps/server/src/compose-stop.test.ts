import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { silentLogger } from "@loomstack/core";
import { startController } from "@loomstack/fabric";
import { expect, onTestFinished, test } from "vitest";
import { compose } from "./compose.ts";
import { configSchema } from "./config.ts";

test(
  "a process that stops is alive to its end, not ready from the first moment on, and answers nothing else",
  { timeout: 60_000 },
  async () => {
    const folder = await mkdtempDisposable(path.join(tmpdir(), "loomstack-server-"));
    onTestFinished(() => folder.remove());
    const anyPort = { host: "127.0.0.1", port: 0 };
    const listens = { http: anyPort, openflow: anyPort, plainTcp: true };
    const stateFolder = path.join(folder.path, "state");
    const config = configSchema.parse({ stateFolder, halves: ["controller"], ...listens });
    const stopBegun = Promise.withResolvers<undefined>();
    const stopMayEnd = Promise.withResolvers<undefined>();
    const server = await compose(config, silentLogger, async (options) => {
      const controller = await startController(options);
      return {
        ...controller,
        async [Symbol.asyncDispose]() {
          stopBegun.resolve(undefined);
          await stopMayEnd.promise;
          await controller[Symbol.asyncDispose]();
        },
      };
    });
    const ask = async (call: string): Promise<number> => (await fetch(`${server.url}/api/v1${call}`)).status;
    const all = async (): Promise<number[]> => Promise.all(["/health/live", "/health/ready", "/revision"].map(ask));
    expect(await all()).toEqual([200, 200, 401]);
    const stopped = server[Symbol.asyncDispose]();
    await stopBegun.promise;
    expect(await all()).toEqual([200, 503, 503]);
    stopMayEnd.resolve(undefined);
    await stopped;
    await expect(ask("/health/live")).rejects.toThrow();
  },
);
