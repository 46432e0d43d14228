/** The one message for a machine where we can't bring what is missing. */
import { distribution, isLinuxOnX64, isRoot } from "./system.mjs";

/**
 * What to do by hand, or undefined when there is nothing: everything that is missing can be brought, and the lab may
 * run.
 */
export function adviceByHand(kind, missing) {
  const unbringable = missing.filter((prerequisite) => !prerequisite.canBring());
  const mustBeRoot = kind === "lab" && !isRoot;
  const wrongMachine = kind === "lab" && !isLinuxOnX64;
  if (unbringable.length === 0 && !mustBeRoot && !wrongMachine) return undefined;
  const steps = unbringable.flatMap((prerequisite) => prerequisite.byHand());
  if (wrongMachine)
    steps.unshift("Use Linux on x86_64, such as Debian 12 or Ubuntu: the lab is made of its namespaces.");
  if (mustBeRoot) steps.push(`Start it as root:\n${rootCommand()}`);
  const list = steps.map((step, index) => `  ${index + 1}. ${step.replaceAll("\n", "\n     ")}`).join("\n");
  return `${reason(mustBeRoot, wrongMachine)}\n\nWhat to do by hand:\n${list}`;
}

function reason(mustBeRoot, wrongMachine) {
  if (wrongMachine) return `The lab does not run on this machine (${process.platform} on ${process.arch}).`;
  if (mustBeRoot) {
    return "The lab must be started by root: it makes network namespaces, links and virtual machines, in a world of its own that vanishes with it.";
  }
  return `What is missing can't be brought here: this is ${distribution === undefined ? "neither Debian nor Ubuntu" : `${distribution} on ${process.arch}`}.`;
}

function rootCommand() {
  const script = process.env.npm_lifecycle_event;
  return script === undefined ? 'sudo env "PATH=$PATH" npm test' : `sudo env "PATH=$PATH" npm run ${script}`;
}
