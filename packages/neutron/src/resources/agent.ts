import type { HypervisorStatus } from "@loomstack/model";
import { attributesOf } from "../attributes/attribute.ts";
import { timestamp } from "../attributes/standard.ts";
import type { NeutronOptions } from "../options.ts";
import type { ReadOnlyResource } from "../read-only-routes.ts";

interface ShownAgent {
  readonly hypervisor: HypervisorStatus;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const attributes = attributesOf<ShownAgent>()({
  id: { show: ({ hypervisor }) => hypervisor.key },
  agent_type: { show: () => "Open vSwitch agent" },
  // No agent runs there: the controller itself speaks to Open vSwitch.
  binary: { show: () => "loomstack" },
  host: { show: ({ hypervisor }) => hypervisor.node.id },
  topic: { show: () => "N/A" },
  availability_zone: { show: () => null },
  admin_state_up: { show: () => true },
  alive: { show: ({ hypervisor }) => hypervisor.state === "ready" },
  description: { show: ({ hypervisor }) => `${hypervisor.state}: ${hypervisor.reason}` },
  heartbeat_timestamp: {
    show: ({ hypervisor, now }) => (hypervisor.state === "ready" ? timestamp(now) : null),
    filter: false,
  },
  configurations: {
    show: ({ hypervisor: { tunnelEndpoint, bridges, realised, connection } }) => ({
      ...{ tunneling_ip: tunnelEndpoint, integration_bridge: "br-int", bridges: bridges.map(({ name }) => name) },
      ...{ realised, connection },
    }),
    filter: false,
  },
});

/** Neutron's clients look for agents: what is alive in our network are its hypervisors. */
export function agentResource({
  hypervisors,
  clock,
}: Pick<NeutronOptions, "hypervisors" | "clock">): ReadOnlyResource<ShownAgent> {
  return {
    singular: "agent",
    plural: "agents",
    attributes,
    list: () => Promise.resolve(hypervisors.list().map((hypervisor) => ({ hypervisor, now: clock.now() }))),
    idOf: ({ hypervisor }) => hypervisor.key,
  };
}
