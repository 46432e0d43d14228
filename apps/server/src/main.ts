#!/usr/bin/env -S node --max-semi-space-size=4 --v8-pool-size=1 --initial-old-space-size=48
/**
 * `main.ts --config FILE`: runs the process (process.ts) from what the last start has compiled.
 *
 * V8 is told to throw away what is short-lived in smaller bites, to use one thread beside its own, and to look early for
 * what else can go: by itself it takes a quarter more memory and processor time for the same, and is later.
 */
import { enableCompileCache, flushCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

// Half of what a start costs is compiling the code. Where the folder can't be written, it costs that each time.
enableCompileCache(fileURLToPath(new URL("../../../.loomstack/cache/compiled", import.meta.url)));
await import("./process.ts");
flushCompileCache();
