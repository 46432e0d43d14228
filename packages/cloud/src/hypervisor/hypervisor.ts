import type { Listeners, LoomstackError, Mac, Uuid } from "@loomstack/core";

/**
 * What the cloud asks of whatever runs instances on a host. It knows domains by their UUID, which is the instance's
 * own, and leaves networking to the controller: an interface only says which port it is.
 */
export interface Hypervisor extends AsyncDisposable {
  readonly uri: string;
  /**
   * Starts a domain; resolves once it runs. A domain of that UUID that already runs is success, so that a replay does
   * no harm.
   *
   * @throws LIBVIRT__REFUSED when the hypervisor won't, LIBVIRT__INVALID_DOMAIN, and the other codes of LIBVIRT when it
   * doesn't answer or is gone
   */
  startDomain(spec: DomainSpec): Promise<void>;
  /** Ends a domain at once, without asking its guest; one that isn't there is fine. @throws as `startDomain` */
  destroyDomain(uuid: Uuid): Promise<void>;
  /** All domains of the host, others' included. @throws as `startDomain` */
  listDomains(): Promise<readonly DomainStatus[]>;
  /** What happens to domains from the moment of connecting on, whoever caused it. */
  readonly events: Listeners<DomainEvent>;
  /** Settles once the connection is gone: with the reason, or with nothing when we closed it. Never rejects. */
  readonly closed: Promise<LoomstackError | undefined>;
}

/**
 * `stopping`: its guest is shutting down; `stopped`: not running (a transient domain is then gone); `crashed`: its
 * guest panicked or QEMU died.
 */
export type DomainState = "running" | "paused" | "stopping" | "stopped" | "crashed";

export interface DomainStatus {
  readonly uuid: Uuid;
  readonly name: string;
  readonly state: DomainState;
}

export interface DomainEvent {
  readonly uuid: Uuid;
  readonly state: DomainState;
  /** Why, in libvirt's words: `booted`, `destroyed`, `panicked` … */
  readonly reason: string;
}

/** A virtual machine that boots its kernel directly. */
export interface DomainSpec {
  readonly uuid: Uuid;
  readonly name: string;
  readonly memoryMib: number;
  readonly vcpus: number;
  /** Path of the kernel on the hypervisor. */
  readonly kernel: string;
  /** Path of the initial RAM file system on the hypervisor. */
  readonly initrd: string;
  /** The kernel's command line. */
  readonly commandLine: string;
  /** `qemu` interprets instructions and runs anywhere; `kvm` needs /dev/kvm. */
  readonly type: "kvm" | "qemu";
  readonly nics: readonly DomainNic[];
}

export interface DomainNic {
  /** Written to the Interface's `external_ids:iface-id`, by which the controller finds the port. */
  readonly portId: Uuid;
  readonly mac: Mac;
  /** The Open vSwitch bridge to plug into, such as `br-int`. */
  readonly bridge: string;
  /** In bytes, without the Ethernet header. */
  readonly mtu: number;
}
