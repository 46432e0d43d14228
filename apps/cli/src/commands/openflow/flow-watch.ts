import { LoomstackError } from "@loomstack/core";
import { flowMonitor, type FlowUpdate, type Request, type SwitchConnection } from "@loomstack/openflow";
import { flowFilter } from "./flow-filter.ts";

/** What can be left out of what is told, as `!initial`. @see ovs-ofctl(8), "monitor" */
const parts = ["initial", "add", "delete", "modify", "actions", "own"] as const;

const prefix = "watch:";

export function isWatch(text: string): boolean {
  return text.startsWith(prefix);
}

/**
 * The request for `watch:[!<part>…][,<conditions>]`, such as `watch:!initial,!own,table=1,tcp,out_port=p2`: the flows that
 * there are, as its reply, and then what becomes of them.
 *
 * @param monitorId of each watch of a connection another one
 * @throws CLI__USAGE, OPENFLOW__INVALID_TEXT
 */
export function watchRequest(
  text: string,
  monitorId: number,
  ports: Pick<SwitchConnection, "ports">,
): Request<readonly FlowUpdate[]> {
  const words = text.slice(prefix.length).split(",");
  const isRefusal = (word: string): boolean => word.startsWith("!");
  const left = new Set(words.filter(isRefusal).map((word) => word.slice(1)));
  const strange = [...left].find((word) => !(parts as readonly string[]).includes(word));
  if (strange !== undefined) {
    const reason = `!${strange} is nothing that a flow monitor can leave out: that are ${parts.join(", ")}`;
    throw new LoomstackError("CLI__USAGE", { reason });
  }
  const { tableId, outPort, match } = flowFilter(words.filter((word) => !isRefusal(word)).join(","), {}, ports);
  // What the monitor itself does needn't be asked for: it changes nothing. Open vSwitch 3.1 takes it in 1.3 alone.
  const wanted = parts.filter((part) => part !== "own" && !left.has(part));
  const flags = Object.fromEntries(wanted.map((part) => [part, true]));
  const body = { kind: "flowMonitor", monitorId, flags, tableId, outPort, match } as const;
  return { ...flowMonitor(monitorId, true), message: { kind: "multipartRequest", body } };
}
