import { randomUUID } from "node:crypto";
import type { Logger } from "@loomstack/core";
import { createLab, hypervisorAt, type Lab } from "../lab.ts";
import { createLightGuest, type LightGuest } from "../light-guest.ts";
import { connectionManager, ControllerClient, neutron } from "./controller-client.ts";
import { createServerFolder } from "./server-folder.ts";
import { ServerProcess } from "./server-process.ts";

/** The lab with the controller alone, driven by the OpenDaylight calls as a CloudStack or a Neutron driver would. */
export interface ControllerWorld extends AsyncDisposable {
  readonly lab: Lab;
  readonly server: ServerProcess;
  readonly controller: ControllerClient;
}

/** @param hypervisors how many; 2 unless told */
export async function openControllerWorld(logger: Logger, hypervisors = 2): Promise<ControllerWorld> {
  await using stack = new AsyncDisposableStack();
  const lab = stack.use(await createLab({ logger, hypervisors }));
  const folder = stack.use(await createServerFolder()).path;
  const server = stack.use(
    new ServerProcess({
      name: "controller",
      folder,
      halves: ["controller"],
      httpPort: 8181,
      openflowHost: lab.controllerAddress,
    }),
  );
  await server.start();
  const controller = new ControllerClient(server.url, await server.administrator());
  const resources = stack.move();
  return { lab, server, controller, [Symbol.asyncDispose]: async () => resources.disposeAsync() };
}

/** The path that connects hypervisor number `host` of the lab, counted from 0. */
export function connectPath(lab: Lab, host: number, port = 6640): string {
  const { address } = hypervisorAt(lab, host);
  return `${connectionManager}/node/OVS/host-${host}/address/${address}/port/${port}`;
}

/** Makes a network with a subnet 192.168.7.0/24. */
export async function makeNetwork(
  controller: ControllerClient,
  type: "vxlan" | "gre" | "geneve",
): Promise<{ readonly network: string; readonly subnet: string }> {
  const network = randomUUID();
  const subnet = randomUUID();
  const body = {
    id: network,
    name: type,
    tenant_id: "t",
    shared: false,
    "provider:network_type": type,
    "provider:segmentation_id": -5,
  };
  await controller.expect(201, "POST", `${neutron}/networks`, { network: body });
  const addresses = {
    id: subnet,
    network_id: network,
    tenant_id: "t",
    ip_version: 4,
    cidr: "192.168.7.0/24",
    gateway_ip: "192.168.7.1",
  };
  await controller.expect(201, "POST", `${neutron}/subnets`, { subnet: addresses });
  return { network, subnet };
}

export interface PortRequest {
  readonly network: string;
  /** Absent: the port has `fixed_ips: []`, as CloudStack's plug-in sends it. */
  readonly subnet?: string;
  /** The last number of MAC and IP address. */
  readonly number: number;
}

export function portBody({ network, subnet, number }: PortRequest): {
  readonly id: string;
  readonly mac_address: string;
  readonly [key: string]: unknown;
} {
  return {
    id: randomUUID(),
    name: "",
    tenant_id: "t",
    network_id: network,
    mac_address: `02:00:00:00:07:${number.toString(16).padStart(2, "0")}`,
    device_id: randomUUID(),
    admin_state_up: true,
    status: "ACTIVE",
    fixed_ips: subnet === undefined ? [] : [{ subnet_id: subnet, ip_address: `192.168.7.${number}` }],
  };
}

/**
 * Makes a port and a light guest for it on hypervisor number `host`, and waits until the controller calls the port
 * ACTIVE.
 */
export async function plugGuest(
  { controller, lab }: ControllerWorld,
  host: number,
  request: PortRequest,
): Promise<LightGuest & { readonly portId: string }> {
  const port = portBody(request);
  await controller.expect(201, "POST", `${neutron}/ports`, { port });
  const guest = await createLightGuest(hypervisorAt(lab, host), {
    portId: port.id,
    mac: port.mac_address,
    address: `192.168.7.${request.number}/24`,
    bridge: "br-int",
  });
  await controller.portActive(port.id);
  return { ...guest, portId: port.id };
}
