/** `node apps/server/src/main.ts --config FILE`: runs the process (process.ts) from what the last start has compiled. */
import { enableCompileCache, flushCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

// Half of what a start costs is compiling the code. Where the folder can't be written, it costs that each time.
enableCompileCache(fileURLToPath(new URL("../../../.loomstack/cache/compiled", import.meta.url)));
await import("./process.ts");
flushCompileCache();
