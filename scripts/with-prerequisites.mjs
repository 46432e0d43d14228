/**
 * node scripts/with-prerequisites.mjs <node|lab> -- <script.ts> [args…]
 *
 * Brings what the script needs and this machine doesn't have yet, and then runs the script with Node.js 24 or newer.
 * `node`: Node.js and the npm packages. `lab`: those, and the Debian packages and the guests' kernel of the lab, for
 * which it must be root.
 *
 * Plain JavaScript for any Node.js from 20 on, and no npm package: it runs before there are any. It writes to standard
 * error only.
 */
import { debianPackages } from "./prerequisites/debian-packages.mjs";
import { guestPackages } from "./prerequisites/guest-packages.mjs";
import { nodeRuntime } from "./prerequisites/node-runtime.mjs";
import { npmPackages } from "./prerequisites/npm-packages.mjs";
import { adviceByHand } from "./prerequisites/advice.mjs";
import { bringAll } from "./prerequisites/bring.mjs";
import { runScript } from "./prerequisites/run-script.mjs";

const sets = {
  node: [nodeRuntime, npmPackages],
  lab: [nodeRuntime, debianPackages, guestPackages, npmPackages],
};

const [kind, separator, script, ...args] = process.argv.slice(2);
const prerequisites = sets[kind];
if (prerequisites === undefined || separator !== "--" || script === undefined) {
  console.error("usage: node scripts/with-prerequisites.mjs <node|lab> -- <script.ts> [args…]");
  process.exit(2);
}

const missing = prerequisites.filter((prerequisite) => !prerequisite.isThere());
const advice = adviceByHand(kind, missing);
if (advice !== undefined) {
  console.error(advice);
  process.exit(1);
}
if (missing.length > 0) await bringAll(missing);
await runScript(script, args);
