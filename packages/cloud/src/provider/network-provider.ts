import type { Ipv4, Mac, Uuid } from "@loomstack/core";
import type { OpenDaylightController } from "@loomstack/model";

/**
 * What the cloud asks of a network controller. Every call bears repeating: what is there already with the same content
 * is success, and so is the removal of what isn't there.
 *
 * Calls throw CLOUD__CONTROLLER_UNREACHABLE, …_TIMEOUT, …_UNAUTHORISED, …_REFUSED or …_MALFORMED, and the signal's
 * reason when it aborts.
 */
export interface NetworkProvider {
  /** Asks for something harmless: whether the controller answers and takes the credentials. */
  check(signal: AbortSignal): Promise<void>;
  implementNetwork(network: ProviderNetwork, signal: AbortSignal): Promise<void>;
  /** Has the controller connect a host. Resolves once the host's bridges are in place. */
  prepareHost(host: ProviderHost, signal: AbortSignal): Promise<void>;
  createPort(port: ProviderPort, signal: AbortSignal): Promise<void>;
  /**
   * Resolves when packets pass the port.
   *
   * @throws CLOUD__PORT_NOT_ACTIVE after `timeoutMs`, with the controller's reason
   */
  portActive(portId: Uuid, timeoutMs: number, signal: AbortSignal): Promise<void>;
  deletePort(portId: Uuid, signal: AbortSignal): Promise<void>;
  shutdownNetwork(network: Pick<ProviderNetwork, "id" | "subnetId">, signal: AbortSignal): Promise<void>;
}

/** Makes the provider that speaks to a controller. */
export type ProviderOf = (controller: Pick<OpenDaylightController, "url" | "username" | "password">) => NetworkProvider;

export interface ProviderNetwork {
  readonly id: Uuid;
  readonly name: string;
  readonly tenantId: string;
  readonly encapsulation: "vxlan" | "gre";
  readonly segmentationId: number;
  readonly subnetId: Uuid;
  readonly cidr: string;
  readonly gateway: Ipv4;
  /** Whether ports are told their addresses by DHCP. */
  readonly dhcp: boolean;
}

export interface ProviderHost {
  readonly id: Uuid;
  readonly address: Ipv4;
}

export interface ProviderPort {
  readonly id: Uuid;
  readonly tenantId: string;
  readonly networkId: Uuid;
  readonly subnetId: Uuid;
  /** The instance that it is for. */
  readonly deviceId: Uuid;
  readonly macAddress: Mac;
  readonly ipAddress: Ipv4;
  /** What the guest is called in its network: one label, in lower case. */
  readonly hostName: string;
}
