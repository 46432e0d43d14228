#!/usr/bin/env node
/** `loomstack`, the command line: runs it (process.ts) from what the last call has compiled. */
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

enableCompileCache(fileURLToPath(new URL("../../../.loomstack/cache/compiled", import.meta.url)));
await import("./process.ts");
