/** Where things are: the checkout, its state folder, and programs on this machine. */
import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const checkout = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
/** Nothing that we bring lies outside, but for Debian packages. */
export const stateFolder = path.join(checkout, ".loomstack");

/** A plain user's PATH, and what `su` leaves of root's, lack these. */
const systemFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"];

/** The folders of PATH, and those of system programs. */
export function searchPath() {
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => folder !== "");
  return [...new Set([...folders, ...systemFolders])];
}

/** Where a program lies, or undefined. */
export function findProgram(name) {
  return searchPath()
    .map((folder) => path.join(folder, name))
    .find(isExecutable);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
