/** apt-get, with bounded patience: mirrors fail, and another apt may hold a lock. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { withoutServiceStarts } from "./service-starts.mjs";

const quiet = ["-y", "-o", "Dpkg::Use-Pty=0", "-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=120"];
// A changed configuration file of the user's stays as it is.
const keepConfiguration = ["-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold"];
const unattended = {
  DEBIAN_FRONTEND: "noninteractive",
  NEEDRESTART_SUSPEND: "1",
  APT_LISTCHANGES_FRONTEND: "none",
  LC_ALL: "C.UTF-8",
};

let isUpdated = false;

/** Installs packages, without what they only recommend and without starting any service. */
export async function installPackages(run, names) {
  await update(run);
  const args = ["install", "--no-install-recommends", ...quiet, ...keepConfiguration, ...names];
  await withoutServiceStarts(() =>
    run("apt-get", args, { env: environment(), attempts: 3, beforeRetry: () => update(run, true) }),
  );
}

/**
 * Downloads packages into a folder.
 *
 * @param listNames gives the packages' names once the package lists are there
 */
export async function downloadPackages(run, folder, listNames) {
  await update(run);
  const names = await listNames();
  const args = ["download", ...quiet, "-o", "APT::Sandbox::User=root", ...names];
  await run("apt-get", args, { cwd: folder, env: environment(), attempts: 3, beforeRetry: () => update(run, true) });
}

/** The name that `pattern` finds in what apt says about the dependencies of a package. */
export async function candidateFor(name, pattern) {
  const { stdout } = await promisify(execFile)("apt-cache", ["depends", name], { env: environment() });
  const found = pattern.exec(stdout)?.[1];
  if (found === undefined)
    throw new Error(`apt knows no dependency of ${name} such as ${pattern.source}: look at its sources in /etc/apt`);
  return found;
}

/** A source of the user's that fails is no obstacle as long as the packages are found. */
async function update(run, again = false) {
  if (isUpdated && !again) return;
  await run("apt-get", ["update", ...quiet], { env: environment(), attempts: 3, mayFail: true });
  isUpdated = true;
}

function environment() {
  return { ...process.env, ...unattended };
}
