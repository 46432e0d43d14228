import { bridgeColumns } from "./bridge.ts";
import { controllerColumns } from "./controller.ts";
import { interfaceColumns } from "./interface.ts";
import { managerColumns } from "./manager.ts";
import { mirrorColumns } from "./mirror.ts";
import { portColumns } from "./port.ts";
import { qosColumns, queueColumns } from "./qos.ts";

/**
 * All columns that the functions of this folder need or can set, and nothing that ovs-vswitchd changes all the time.
 *
 * @example const replica = await client.monitor(openVswitch, configurationSelection);
 */
export const configurationSelection = {
  Open_vSwitch: ["bridges", "manager_options", "next_cfg", "cur_cfg", "other_config", "external_ids"],
  Bridge: ["name", "ports", "controller", "mirrors", ...bridgeColumns],
  Port: ["name", "interfaces", "qos", ...portColumns],
  Interface: ["name", "ofport", "error", ...interfaceColumns],
  Controller: ["target", ...controllerColumns],
  Manager: ["target", ...managerColumns],
  Mirror: ["name", ...mirrorColumns],
  QoS: ["queues", ...qosColumns],
  Queue: queueColumns,
} as const;
