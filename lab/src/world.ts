/**
 * The lab's world: the private namespaces in which everything of the lab happens. launch.ts makes it; inside, this
 * module tells where we are.
 */
import { readlinkSync } from "node:fs";

/** Set in the world: the network namespace of the launcher, as /proc shows it. */
export const outerNetworkVariable = "LOOMSTACK_LAB_OUTER_NETWORK";
/** Set in the world: an id that every process of this world carries in its environment. */
export const worldVariable = "LOOMSTACK_LAB_WORLD";

/** The network namespace of this process, such as `net:[4026531840]`. */
export function networkNamespace(): string {
  return readlinkSync("/proc/self/ns/net");
}

/** Whether this process runs in the lab's world. */
export function insideLab(): boolean {
  const outer = process.env[outerNetworkVariable];
  return outer !== undefined && outer !== networkNamespace();
}
