/** The npm packages of package-lock.json, in node_modules. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { chosenNode } from "./node-runtime.mjs";
import { npmCommand, npmEnvironment } from "./npm-command.mjs";
import { checkout } from "./places.mjs";

export const npmPackages = {
  title: "npm packages",

  isThere: () => installedMatches(checkout),

  canBring: () => true,

  byHand: () => ["The npm packages: npm ci --ignore-scripts"],

  async bring(run) {
    const { program, headers } = chosenNode();
    // No package of ours needs a script. Without the option npm ci compiles better-sqlite3, in spite of its prebuilt
    // programs and "gypfile": false.
    const [command, ...args] = npmCommand(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=http"]);
    const underChosenNode = command === process.execPath ? program : command;
    await run(underChosenNode, args, { cwd: checkout, env: npmEnvironment(program, headers), attempts: 3 });
  },
};

/**
 * Whether node_modules holds what the lock file names. npm writes node_modules/.package-lock.json when it has finished:
 * what it has installed, in the same form as the lock file, and (unless npm is told otherwise) where each came from,
 * which the lock file leaves open. Packages for other platforms are optional and not in it.
 */
export function installedMatches(folder) {
  const installedFile = path.join(folder, "node_modules/.package-lock.json");
  if (!existsSync(installedFile)) return false;
  const read = (file) => JSON.parse(readFileSync(file, "utf8")).packages;
  const installed = read(installedFile);
  return Object.entries(read(path.join(folder, "package-lock.json"))).every(([place, wanted]) => {
    if (!place.startsWith("node_modules/") && !place.includes("/node_modules/")) return true;
    const found = installed[place];
    if (found === undefined) return wanted.optional === true || wanted.devOptional === true;
    const isFromThere = wanted.resolved === undefined || found.resolved === wanted.resolved;
    return found.version === wanted.version && isFromThere && found.link === wanted.link;
  });
}
