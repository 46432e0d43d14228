#!/usr/bin/env -S node --max-semi-space-size=4 --v8-pool-size=1 --initial-old-space-size=48
/**
 * Starts controller-process.ts as apps/server starts the product: with the same first line, from what the last start has
 * compiled.
 */
import { enableCompileCache, flushCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

enableCompileCache(fileURLToPath(new URL("../../../.loomstack/cache/compiled", import.meta.url)));
await import("./controller-process.ts");
flushCompileCache();
