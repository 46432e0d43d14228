import { constants } from "node:fs";
import { access } from "node:fs/promises";
import type { GuestImage } from "./guest-image.ts";
import { runCommand } from "./process.ts";

/** A guest is up in less than a second where KVM works. */
const trialTimeoutMs = 6000;

/**
 * Whether KVM really works here: /dev/kvm may be there and do nothing, such as inside a virtual machine. So a guest is
 * booted; it says on its serial port that it runs, and powers itself off.
 */
export async function kvmWorks(image: GuestImage): Promise<boolean> {
  try {
    await access("/dev/kvm", constants.R_OK | constants.W_OK);
    const machine = ["-accel", "kvm", "-cpu", "host", "-m", "128", "-nodefaults", "-display", "none", "-no-reboot"];
    const boot = [
      "-kernel",
      image.kernel,
      "-initrd",
      image.initrd,
      "-append",
      "console=ttyS0 quiet panic=-1 loomstack.trial",
    ];
    const trial = await runCommand("qemu-system-x86_64", [...machine, ...boot, "-serial", "stdio"], {
      timeoutMs: trialTimeoutMs,
    });
    return trial.exitCode === 0 && trial.stdout.includes("this machine runs guests");
  } catch {
    return false;
  }
}
