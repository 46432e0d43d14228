/**
 * The kernel and the guest agent of the lab's virtual machines: out of Debian packages that are unpacked into the state
 * folder, never installed.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { candidateFor, downloadPackages } from "./apt.mjs";
import { stateFolder } from "./places.mjs";
import { canInstallPackages, distribution } from "./system.mjs";

const folder = path.join(stateFolder, "cache/guest-packages");

/** The package that always depends on the newest kernel for virtual machines. */
const newestKernel = distribution === "ubuntu" ? "linux-image-virtual" : "linux-image-cloud-amd64";

export const guestPackages = {
  title: "the guests' kernel and agent",

  isThere() {
    const boot = path.join(folder, "boot");
    const hasKernel = existsSync(boot) && readdirSync(boot).some((name) => name.startsWith("vmlinuz-"));
    return hasKernel && existsSync(path.join(folder, "usr/sbin/qemu-ga"));
  },

  canBring: () => canInstallPackages,

  byHand: () => [
    `The guests' kernel and agent: Debian's packages linux-image-<version>-cloud-amd64 (the one that linux-image-cloud-amd64 depends on) and
qemu-guest-agent, unpacked, not installed, each with
dpkg-deb -x <file>.deb ${folder}`,
  ],

  async bring(run) {
    const partial = `${folder}.partial`;
    rmSync(partial, { recursive: true, force: true });
    const downloads = path.join(partial, "downloads");
    const content = path.join(partial, "content");
    for (const each of [downloads, content]) mkdirSync(each, { recursive: true });
    await downloadPackages(run, downloads, kernelPackages);
    for (const file of readdirSync(downloads)) await run("dpkg-deb", ["-x", path.join(downloads, file), content]);
    rmSync(folder, { recursive: true, force: true });
    renameSync(content, folder);
    rmSync(partial, { recursive: true, force: true });
  },
};

/** The packages to unpack. Ubuntu keeps a kernel's modules apart from it. */
async function kernelPackages() {
  const image = await candidateFor(newestKernel, /Depends: (linux-image-\S+)/);
  const modules = distribution === "ubuntu" ? [image.replace("linux-image-", "linux-modules-")] : [];
  return [image, ...modules, "qemu-guest-agent"];
}
