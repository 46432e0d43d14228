import type { ReliabilityWorld } from "./reliability-world.ts";

/** Something that happens to a cloud, and what has to be true of it. */
export interface Scenario {
  /** What --only takes. */
  readonly name: string;
  readonly title: string;
  /** Whether Open vSwitch itself keeps forwarding: no packet of an established pair may be lost then. */
  readonly forwards: boolean;
  /** What the controller has to say of the hypervisor meanwhile, with ports that aren't ACTIVE; default: anything. */
  readonly says?: RegExp;
  /** Prepares what isn't measured. */
  stage(world: ReliabilityWorld): Promise<Staged>;
}

export interface Staged {
  /** Lets it happen; resolves when its cause is over, so that nothing but the controller has still to act. */
  act(): Promise<void>;
  /** What isn't as it has to be after all is right again; nothing when it is. */
  verify?(): Promise<readonly string[]>;
  /** A figure or two that only this scenario has, in words. */
  note?(): string;
  /** Brings the world back to where it was. */
  undo?(): Promise<void>;
}

/** A scenario that needs no preparation. */
export function plain(facts: Omit<Scenario, "stage">, act: (world: ReliabilityWorld) => Promise<void>): Scenario {
  return { ...facts, stage: async (world) => Promise.resolve({ act: async () => act(world) }) };
}
