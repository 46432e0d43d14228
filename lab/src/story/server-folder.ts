import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { runFolder } from "../paths.ts";

/** A new folder for one process's configuration and state, gone when it is disposed of. */
export async function createServerFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(path.join(runFolder, "server-"));
  return { path: folder, [Symbol.asyncDispose]: async () => rm(folder, { recursive: true, force: true }) };
}
