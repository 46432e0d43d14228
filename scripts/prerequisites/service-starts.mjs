/**
 * While Debian packages are installed, nothing starts their services: the lab runs its own daemons. Debian's way to say
 * so is a program /usr/sbin/policy-rc.d that exits with 101 (invoke-rc.d(8)). What was there before is put back, also
 * after a failure, and by the next run after a kill -9.
 */
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

const marker = "# put here by Loomstack while it installs packages";

export async function withoutServiceStarts(work, policy = "/usr/sbin/policy-rc.d") {
  restore(policy);
  const restoreAtExit = () => restore(policy);
  process.once("exit", restoreAtExit);
  try {
    if (existsSync(policy)) renameSync(policy, savedName(policy));
    writeFileSync(policy, `#!/bin/sh\n${marker}\nexit 101\n`);
    chmodSync(policy, 0o755);
    return await work();
  } finally {
    restore(policy);
    process.off("exit", restoreAtExit);
  }
}

function restore(policy) {
  if (existsSync(policy) && readFileSync(policy, "utf8").includes(marker)) rmSync(policy);
  if (existsSync(savedName(policy))) renameSync(savedName(policy), policy);
}

function savedName(policy) {
  return `${policy}.before-loomstack`;
}
