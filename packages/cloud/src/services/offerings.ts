import { randomUuid } from "@loomstack/core";
import {
  type NetworkOffering,
  networkOfferings,
  type ServiceOffering,
  serviceOfferings,
  type Template,
  templates,
} from "@loomstack/model";
import type { Caller, CloudContext } from "../context.ts";
import { invalid } from "./invalid-parameter.ts";

export interface NewNetworkOffering {
  readonly name: string;
  readonly displayText: string;
  readonly guestIpType: string;
  readonly trafficType: string;
  readonly availability: string | undefined;
  readonly supportedServices: readonly string[];
  /** One for each service. */
  readonly serviceProviders: readonly { readonly service: string; readonly provider: string }[];
  readonly enabled: boolean;
}

export interface NewServiceOffering {
  readonly name: string;
  readonly displayText: string;
  readonly cpuNumber: number;
  readonly cpuSpeedMhz: number | undefined;
  readonly memoryMib: number;
}

export interface NewTemplate {
  readonly name: string;
  readonly displayText: string;
  readonly format: string;
  readonly hypervisor: string;
  readonly url: string;
  readonly initrd: string | undefined;
  readonly commandLine: string | undefined;
}

export interface NetworkOfferingPatch {
  readonly name: string | undefined;
  readonly displayText: string | undefined;
  readonly availability: string | undefined;
  readonly state: string | undefined;
}

/** Offerings and templates. */
export interface Offerings {
  createNetworkOffering(offering: NewNetworkOffering): Promise<NetworkOffering>;
  updateNetworkOffering(offering: NetworkOffering, patch: NetworkOfferingPatch): Promise<NetworkOffering>;
  createServiceOffering(offering: NewServiceOffering): Promise<ServiceOffering>;
  /** A template that boots a kernel directly; its files lie on every host already. */
  registerTemplate(caller: Caller, template: NewTemplate): Promise<Template>;
}

const smallestMemoryMib = 32;
/** So that a guest's messages can be read on its serial console. */
const defaultCommandLine = "console=ttyS0";
const defaultCpuSpeedMhz = 1000;
/** What CloudStack and its clients keep numbers in: Java's Integer. */
const largestNumber = 2 ** 31 - 1;

export function offeringsService(context: CloudContext): Offerings {
  const { store } = context;
  const fresh = () => ({ id: randomUuid(context.random), createdAt: context.clock.now() });
  return {
    async createNetworkOffering(request) {
      if (request.guestIpType.toLowerCase() !== "isolated")
        throw invalid("guestiptype", request.guestIpType, "only Isolated networks are supported");
      if (request.trafficType.toLowerCase() !== "guest")
        throw invalid("traffictype", request.trafficType, "only Guest traffic is supported");
      const { name, displayText } = request;
      const services = servicesOf(request);
      const state = request.enabled ? "Enabled" : "Disabled";
      const availability = availabilityOf(request.availability);
      const offering: NetworkOffering = {
        ...fresh(),
        name,
        displayText,
        guestIpType: "Isolated",
        trafficType: "Guest",
        availability,
        state,
        services,
      };
      return (await store.transact((tx) => networkOfferings.insert(tx, offering))).result;
    },
    async updateNetworkOffering(offering, { name, displayText, availability, state }) {
      const patch: Partial<Omit<NetworkOffering, "id">> = {
        ...(name === undefined ? {} : { name }),
        ...(displayText === undefined ? {} : { displayText }),
        ...(availability === undefined ? {} : { availability: availabilityOf(availability) }),
        ...(state === undefined ? {} : { state: offeringStateOf(state) }),
      };
      return (await store.transact((tx) => networkOfferings.update(tx, offering.id, patch))).result;
    },
    async createServiceOffering({ name, displayText, cpuNumber, cpuSpeedMhz = defaultCpuSpeedMhz, memoryMib }) {
      if (cpuNumber < 1 || cpuNumber > 255) throw invalid("cpunumber", cpuNumber, "it is 1 to 255");
      if (cpuSpeedMhz < 1 || cpuSpeedMhz > largestNumber)
        throw invalid("cpuspeed", cpuSpeedMhz, `it is 1 to ${largestNumber} MHz`);
      if (memoryMib < smallestMemoryMib || memoryMib > largestNumber)
        throw invalid("memory", memoryMib, `it is ${smallestMemoryMib} to ${largestNumber} MiB`);
      const offering: ServiceOffering = { ...fresh(), name, displayText, cpuNumber, cpuSpeedMhz, memoryMib };
      return (await store.transact((tx) => serviceOfferings.insert(tx, offering))).result;
    },
    async registerTemplate(
      caller,
      { name, displayText, format, hypervisor, url, initrd, commandLine = defaultCommandLine },
    ) {
      if (format.toUpperCase() !== "KERNEL")
        throw invalid(
          "format",
          format,
          "only KERNEL is supported: a kernel and an initial RAM file system on the hosts",
        );
      if (hypervisor.toUpperCase() !== "KVM") throw invalid("hypervisor", hypervisor, "only KVM is supported");
      const kernelUrl = fileUrl("url", url);
      const initrdUrl = fileUrl("details[].initrd", initrd ?? "");
      const template: Template = {
        ...fresh(),
        name,
        displayText,
        account: caller.account,
        format: "KERNEL",
        hypervisor: "KVM",
        kernelUrl,
        initrdUrl,
        commandLine,
      };
      return (await store.transact((tx) => templates.insert(tx, template))).result;
    },
  };
}

/** The services that a controller gives: Connectivity always, Dhcp where an offering names it. */
export const offeredServices = ["Connectivity", "Dhcp"] as const;

/** Whether guests of this offering's networks are told their addresses by DHCP. */
export function hasDhcp({ services }: Pick<NetworkOffering, "services">): boolean {
  return services["Dhcp"] !== undefined;
}

/** All from Opendaylight; other services have no provider yet, and an offering that promises one is refused. */
function servicesOf({ supportedServices, serviceProviders }: NewNetworkOffering): Readonly<Record<string, string>> {
  const services = Object.fromEntries(serviceProviders.map(({ service, provider }) => [service, provider]));
  for (const service of [...supportedServices, ...Object.keys(services)]) {
    if (!offeredServices.some((offered) => offered === service))
      throw invalid("supportedservices", service, `only ${offeredServices.join(" and ")} are supported`);
  }
  for (const service of new Set(["Connectivity", ...supportedServices, ...Object.keys(services)])) {
    const provider = services[service];
    if (provider !== "Opendaylight")
      throw invalid("serviceproviderlist", provider ?? "(none)", `name Opendaylight as the provider of ${service}`);
  }
  return services;
}

function availabilityOf(text = "Optional"): NetworkOffering["availability"] {
  if (text !== "Optional" && text !== "Required") throw invalid("availability", text, "it is Optional or Required");
  return text;
}

function offeringStateOf(text: string): NetworkOffering["state"] {
  if (text !== "Enabled" && text !== "Disabled") throw invalid("state", text, "it is Enabled or Disabled");
  return text;
}

function fileUrl(parameter: string, text: string): string {
  const url = URL.parse(text);
  if (url?.protocol !== "file:" || url.hostname !== "" || url.pathname === "/")
    throw invalid(parameter, text, "write file:///<path on the hosts>");
  return url.href;
}
