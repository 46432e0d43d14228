import { type NicView, viewNics } from "@loomstack/cloud";
import { guestNetworks, instances, nics } from "@loomstack/model";
import { listCommand } from "../protocol/command.ts";
import { pageOf, pagingParameters } from "../protocol/paging.ts";
import { entity, required } from "../protocol/parameter.ts";
import { field, responseObject } from "../protocol/response.ts";
import { broadcastUri } from "./networks.ts";

/** A NIC, alone and as part of an instance. */
export const nicResponse = responseObject(
  "nic",
  {
    id: field(
      "string",
      "the ID of the NIC, of its port at the controller, and of its interface on the host (iface-id)",
    ),
    networkid: field("string", "the ID of the network"),
    networkname: field("string", "the name of the network"),
    virtualmachineid: field("string", "the ID of the instance"),
    deviceid: field("string", "0 for eth0"),
    ipaddress: field("string", "the address"),
    netmask: field("string", "the netmask"),
    gateway: field("string", "the gateway's address"),
    macaddress: field("string", "the MAC address"),
    mtu: field("integer", "what may be sent in one packet, in bytes"),
    isdefault: field("boolean", "whether the instance's default route goes by it"),
    traffictype: field("string", "always Guest"),
    type: field("string", "always Isolated"),
    broadcasturi: field("string", "opendaylight://<the network's ID at the controller>, while the controller knows it"),
  },
  ({ nic, network, netmask }: NicView) => ({
    id: nic.id,
    networkid: nic.networkId,
    networkname: network.name,
    virtualmachineid: nic.instanceId,
    deviceid: String(nic.deviceIndex),
    ipaddress: nic.ipAddress,
    netmask,
    gateway: network.gateway,
    macaddress: nic.macAddress,
    mtu: network.mtu,
    isdefault: nic.isDefault,
    traffictype: "Guest",
    type: "Isolated",
    broadcasturi: network.controllerId === null ? undefined : broadcastUri(network),
  }),
);

export const nicCommands = {
  listNics: listCommand({
    description: "Lists the NICs of an instance",
    params: {
      virtualmachineid: required(entity("the ID of the instance", instances)),
      nicid: entity("the ID of the NIC", nics),
      networkid: entity("the ID of the NIC's network", guestNetworks),
      ...pagingParameters,
    },
    response: nicResponse,
    forUsers: true,
    run: async (params, { store }, name) => {
      const { virtualmachineid, nicid, networkid } = params;
      const found = (await viewNics(store.db, virtualmachineid.id)).filter(
        ({ nic }) =>
          (nicid === undefined || nic.id === nicid.id) && (networkid === undefined || nic.networkId === networkid.id),
      );
      return pageOf(name, found, params, ({ nic }) => nic.macAddress);
    },
  }),
};
