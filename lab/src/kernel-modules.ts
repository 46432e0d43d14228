/** The modules that a guest's kernel needs, out of an unpacked Debian kernel package, which holds no modules.dep. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { LoomstackError } from "@loomstack/core";

export interface KernelModule {
  /** With underscores, as the kernel writes it. */
  readonly name: string;
  readonly content: Buffer;
}

/** The names of the modules that a module file says it depends on (its `.modinfo` section). */
export function dependenciesOf(content: Buffer): readonly string[] {
  const depends = /\0depends=([^\0]*)\0/.exec(content.toString("latin1"))?.[1] ?? "";
  return depends
    .split(",")
    .filter((name) => name !== "")
    .map(canonical);
}

/**
 * The modules asked for and all that they depend on, each after those that it depends on. What is built into the kernel
 * is left out.
 *
 * @param folder `…/lib/modules/<version>`
 * @throws LAB__MISSING_MODULE
 */
export async function resolveModules(folder: string, wanted: readonly string[]): Promise<readonly KernelModule[]> {
  const files = await moduleFiles(folder);
  const builtIn = new Set((await readFile(path.join(folder, "modules.builtin"), "utf8")).split("\n").map(moduleName));
  const resolved = new Map<string, KernelModule>();
  const resolve = async (name: string): Promise<void> => {
    if (resolved.has(name) || builtIn.has(name)) return;
    const file = files.get(name);
    if (file === undefined)
      throw new LoomstackError("LAB__MISSING_MODULE", { module: name, version: path.basename(folder), path: folder });
    const content = await readModule(file);
    for (const dependency of dependenciesOf(content)) await resolve(dependency);
    resolved.set(name, { name, content });
  };
  for (const name of wanted) await resolve(canonical(name));
  return [...resolved.values()];
}

async function moduleFiles(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(path.join(folder, "kernel"), { recursive: true });
  const files = entries.filter((file) => /\.ko(\.zst)?$/.test(file));
  return new Map(files.map((file) => [moduleName(file), path.join(folder, "kernel", file)]));
}

async function readModule(file: string): Promise<Buffer> {
  const bytes = await readFile(file);
  return file.endsWith(".zst") ? zstdDecompressSync(bytes) : bytes;
}

function moduleName(file: string): string {
  return canonical(path.basename(file).replace(/\.ko(\.zst)?$/, ""));
}

function canonical(name: string): string {
  return name.replaceAll("-", "_");
}
