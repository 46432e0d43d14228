/** What a switch says of itself, in ovs-ofctl's syntax: what it prints for `show`. */
import { bitWords } from "./bit-words.ts";
import type { Received } from "../of13/messages.ts";
import type { SwitchDescription } from "../of13/multipart/descriptions.ts";

type Features = Omit<Received<"featuresReply">, "kind">;

const capabilityWords: Readonly<Record<Exclude<keyof Features["capabilities"], "unnamed">, string>> = {
  ...{ flowStats: "FLOW_STATS", tableStats: "TABLE_STATS", portStats: "PORT_STATS", groupStats: "GROUP_STATS" },
  ...{ ipReassembly: "IP_REASM", queueStats: "QUEUE_STATS", portBlocked: "PORT_BLOCKED" },
};

/** The lines of `ovs-ofctl show` that tell what the switch is, the first of them without what the message is. */
export function formatFeatures(features: Features): string {
  const { dpid, tableCount, bufferCount, auxiliaryId, capabilities } = features;
  const auxiliary = auxiliaryId === 0 ? "" : `, auxiliary_id:${auxiliaryId}`;
  return [
    `dpid:${dpid.toString(16).padStart(16, "0")}`,
    `n_tables:${tableCount}, n_buffers:${bufferCount}${auxiliary}`,
    `capabilities: ${bitWords(capabilities, capabilityWords)}`,
  ].join("\n");
}

/** How a switch treats fragments, and how much of a missed packet it sends. */
export function formatConfig(config: { readonly fragments: string | number; readonly missSendBytes: number }): string {
  return `frags=${config.fragments} miss_send_len=${config.missSendBytes}`;
}

/** What `ovs-ofctl dump-desc` prints. */
export function formatDescription(description: SwitchDescription): string {
  const { manufacturer, hardware, software, serialNumber, datapath } = description;
  return [
    `Manufacturer: ${manufacturer}`,
    `Hardware: ${hardware}`,
    `Software: ${software}`,
    `Serial Num: ${serialNumber}`,
    `DP Description: ${datapath}`,
  ].join("\n");
}
