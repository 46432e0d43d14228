import { LoomstackError, type Logger } from "@loomstack/core";
import { type GuestImage, prepareGuestImage } from "./guest-image.ts";
import { createHypervisor, type LabHypervisor } from "./hypervisor.ts";
import { kvmWorks } from "./kvm.ts";
import { createUnderlay, underlay } from "./underlay.ts";
import { insideLab } from "./world.ts";

export type { LabHypervisor } from "./hypervisor.ts";

export interface LabOptions {
  /** 2 unless told. */
  readonly hypervisors?: number;
  readonly logger: Logger;
}

/**
 * Hypervisors joined by an underlay, in the lab's world:
 *
 *     the lab's main namespaces (controller, cloud, tests)       10.9.0.254 ─┐ bridge "underlay"
 *     hv1: own network, mount and process namespaces   10.9.0.1 br-phy eth0 ─┤
 *     hv2: own network, mount and process namespaces   10.9.0.2 br-phy eth0 ─┘
 *
 * On a hypervisor run ovsdb-server (unix socket and tcp:6640), ovs-vswitchd, and libvirtd, and nothing else is
 * prepared: no br-int, no manager, no controller.
 */
export interface Lab extends AsyncDisposable {
  readonly hypervisors: readonly LabHypervisor[];
  /** The address in the lab's main network namespace that hypervisors reach: where a controller listens. */
  readonly controllerAddress: string;
  readonly guestImage: GuestImage;
  /** What libvirt's `<domain type=…>` must say on this machine: kvm where KVM really works. */
  readonly domainType: "kvm" | "qemu";
}

/**
 * Builds the lab and waits until every daemon answers.
 *
 * @throws LAB__NOT_INSIDE outside the lab's world
 * @throws LAB__TIMEOUT, LAB__COMMAND_FAILED, LAB__DAEMON_ENDED, LAB__MISSING_FILE; nothing of the lab is left then
 */
export async function createLab(options: LabOptions): Promise<Lab> {
  if (!insideLab()) throw new LoomstackError("LAB__NOT_INSIDE", { what: "createLab" });
  const { hypervisors: count = 2, logger } = options;
  await using undo = new AsyncDisposableStack();
  const guestImage = await prepareGuestImage(logger);
  const kvm = kvmWorks(guestImage);
  undo.use(await createUnderlay());
  const names = Array.from({ length: count }, (_, index) => index + 1);
  const started = await Promise.allSettled(names.map((number) => createHypervisor({ number, logger })));
  const hypervisors = started.flatMap((result) => (result.status === "fulfilled" ? [undo.use(result.value)] : []));
  for (const result of started) if (result.status === "rejected") throw result.reason;
  const domainType = (await kvm) ? "kvm" : "qemu";
  logger.info({ hypervisors: count, domainType }, "the lab is up");
  const keep = undo.move();
  return {
    hypervisors,
    controllerAddress: underlay.controllerAddress,
    guestImage,
    domainType,
    [Symbol.asyncDispose]: () => keep.disposeAsync(),
  };
}

/** Hypervisor number `index` of the lab, counted from 0. @throws LAB__NO_HYPERVISOR */
export function hypervisorAt({ hypervisors }: Pick<Lab, "hypervisors">, index: number): LabHypervisor {
  const hypervisor = hypervisors[index];
  if (hypervisor !== undefined) return hypervisor;
  throw new LoomstackError("LAB__NO_HYPERVISOR", { index, count: hypervisors.length });
}
