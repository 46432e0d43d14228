import type { Lack } from "./known-packet.ts";

/** What is wrong with an action, in words that follow its text: "needs …", and what would do instead. */
export interface Problem {
  readonly problem: string;
  readonly allowed: string;
  /** Open vSwitch lets it pass in write_actions, where it can't know the packet. */
  readonly isUpToSwitchInActionSet?: boolean;
}

/** @param field that has no meaning without it, if it is one */
export function lacking(lack: Lack, field?: string): Problem {
  const what = field === undefined ? "" : ` for ${field}`;
  const tag = lack === "dl_vlan" ? ", or it behind push_vlan" : "";
  return {
    problem: `needs packets with ${lack}${what}, which the flow's aren't known to be`,
    allowed: `it in a flow that has ${lack} in its match${tag}`,
  };
}
