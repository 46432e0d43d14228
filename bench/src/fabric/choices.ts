/** What the command line says of these benchmarks, and the works that it means. */
import { LoomstackError } from "@loomstack/core";
import type { Length } from "../benchmark.ts";
import { type Spread, type Work, works } from "./work.ts";

export type WorkName = keyof typeof works;

export interface FabricChoices {
  /** Default: all, unless sizes are given. */
  readonly work?: WorkName;
  /** Sizes of a work that has no name; those that aren't given are as in work A, or with `fake` as in the large one. */
  readonly hypervisors?: number;
  readonly ports?: number;
  readonly networks?: number;
  readonly spread?: Spread;
  /** Only hypervisors that are played. */
  readonly fake?: true;
  /** A folder for processor profiles of the controller. */
  readonly profile?: string;
}

/** More than a machine can run. */
export const largeWork: Work = { name: "scale", hypervisors: 100, ports: 100, networks: 200, spread: "full" };
/** Addresses of ports, endpoints and probes are counted in 16 bits. */
const mostPorts = 60_000;

/** The works that are done on real hypervisors. */
export function realWorks(choices: FabricChoices): readonly Work[] {
  if (choices.fake === true) return [];
  if (hasSizes(choices)) return [sized(choices, works[choices.work ?? "A"])];
  return choices.work === undefined ? Object.values(works) : [works[choices.work]];
}

/** The works that are done on played ones. */
export function fakeWorks(choices: FabricChoices): readonly Work[] {
  const isAsked = choices.fake === true || (choices.work === undefined && !hasSizes(choices));
  if (!isAsked) return [];
  const model = choices.work === undefined ? largeWork : works[choices.work];
  return [hasSizes(choices) ? sized(choices, model) : model];
}

/** A tenth of a work or less, for the short form. */
export function shortened(work: Work, length: Length): Work {
  if (length === "full") return work;
  return { ...work, hypervisors: Math.min(work.hypervisors, 3), ports: 8, networks: 4 };
}

/** A quarter of the ports in a quarter of the networks: every network is as large as before. */
export function quarterOf(work: Work): Work {
  return { ...work, ports: Math.ceil(work.ports / 4), networks: Math.ceil(work.networks / 4) };
}

function hasSizes({ hypervisors, ports, networks, spread }: FabricChoices): boolean {
  return [hypervisors, ports, networks, spread].some((size) => size !== undefined);
}

/** @throws LAB__EXPECTATION_FAILED for a work that doesn't fit into the addresses here */
function sized({ hypervisors, ports, networks, spread }: FabricChoices, model: Work): Work {
  const work: Work = {
    name: "custom",
    hypervisors: hypervisors ?? model.hypervisors,
    ports: ports ?? model.ports,
    networks: networks ?? model.networks,
    spread: spread ?? model.spread,
  };
  const total = work.hypervisors * work.ports;
  if (total <= mostPorts && work.networks <= total) return work;
  throw new LoomstackError("LAB__EXPECTATION_FAILED", {
    what: "the size of the work",
    expected: `no more than ${mostPorts} ports, and no more networks than ports`,
    seen: `${total} ports, ${work.networks} networks`,
  });
}
