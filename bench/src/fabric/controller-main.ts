/** Starts controller-process.ts as apps/server starts the product: from what the last start has compiled. */
import { enableCompileCache, flushCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

enableCompileCache(fileURLToPath(new URL("../../../.loomstack/cache/compiled", import.meta.url)));
await import("./controller-process.ts");
flushCompileCache();
