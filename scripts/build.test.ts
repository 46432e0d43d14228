import { execFile } from "node:child_process";
import { mkdir, mkdtempDisposable } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startServer } from "../apps/cli/src/testing/server-process.ts";
import { checkout, temporaryFolder } from "./step.ts";

const run = promisify(execFile);

test("what is built serves, and its command line asks it", { timeout: 60_000 }, async () => {
  await mkdir(temporaryFolder, { recursive: true });
  await using folder = await mkdtempDisposable(path.join(temporaryFolder, "dist-"));
  await run(process.execPath, [path.join(checkout, "scripts/build.ts"), folder.path]);
  await using server = await startServer(path.join(folder.path, "apps/server/main.mjs"));
  expect((await fetch(`${server.url}/api/v1/health/ready`)).status).toBe(200);
  const commandLine = path.join(folder.path, "apps/cli/main.mjs");
  const asked = ["hypervisors", "list", "--url", server.url, "--credentials", server.credentialsFile, "--json"];
  const { stdout } = await run(process.execPath, [commandLine, ...asked]);
  expect(JSON.parse(stdout)).toEqual({ hypervisors: [] });
});
