/** What kind of machine this is. */
import { readFileSync } from "node:fs";
import { findProgram } from "./places.mjs";

export const isLinuxOnX64 = process.platform === "linux" && process.arch === "x64";
export const isRoot = process.getuid?.() === 0;

/** "debian", "ubuntu", or undefined on any other system. */
export const distribution = readDistribution();

/** Whether Debian packages can be brought: Debian or Ubuntu on x86_64, and root. */
export const canInstallPackages = isLinuxOnX64 && isRoot && distribution !== undefined;

function readDistribution() {
  if (process.platform !== "linux" || findProgram("apt-get") === undefined) return undefined;
  let release = "";
  try {
    release = readFileSync("/etc/os-release", "utf8");
  } catch {
    return undefined;
  }
  const value = (name) => new RegExp(`^${name}="?([^"\n]*)"?$`, "m").exec(release)?.[1] ?? "";
  const names = [value("ID"), ...value("ID_LIKE").split(" ")];
  return ["ubuntu", "debian"].find((name) => names.includes(name));
}
