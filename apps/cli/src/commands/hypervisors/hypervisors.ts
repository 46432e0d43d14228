import { LoomstackError } from "@loomstack/core";
import type { HypervisorAnswer, HypervisorsAnswer } from "@loomstack/api";
import type { Command } from "commander";
import type { CommandIo } from "../../io.ts";
import type { PresentationOptions } from "../../render/presentation.ts";
import { addPresentation } from "../presentation-options.ts";
import { printAnswer } from "../switches/answer-text.ts";
import { addControllerVerb, type ControllerOptions, openController } from "../switches/controller-options.ts";
import { hypervisorSheets, hypervisorsSheet } from "./hypervisor-sheets.ts";

type VerbOptions = ControllerOptions & PresentationOptions;

/** `loomstack hypervisors …`: what the controller knows of the hypervisors that it manages. */
export function addHypervisors(program: Command, io: CommandIo): void {
  const hypervisors = program.command("hypervisors").description("see the hypervisors of a running controller");
  addPresentation(addControllerVerb(hypervisors, "list", io))
    .description("print every hypervisor, its state and why, and what others changed of ours on it")
    .action(async (options: VerbOptions) => {
      const answer = await ask(io, options);
      await printAnswer(io, options, answer, (value) => [hypervisorsSheet(value.hypervisors)]);
    });
  addAccepting(hypervisors, io);
  addPresentation(addControllerVerb(hypervisors, "show", io))
    .argument("<key>", 'its system-id, or what it is called: "OVS/host-1"')
    .description("print one hypervisor: its bridges, its counters, and what was put back by kind")
    .action(async (key: string, options: VerbOptions) => {
      const { value } = await ask(io, options);
      const found = value.hypervisors.find((one) => one.key === key || `${one.node.type}/${one.node.id}` === key);
      if (found === undefined) {
        const reason = `no hypervisor of the controller is called ${key}; see loomstack hypervisors list`;
        throw new LoomstackError("CLI__USAGE", { reason });
      }
      await printAnswer(io, options, { json: { ...found }, value: found }, hypervisorSheets);
    });
}

function addAccepting(hypervisors: Command, io: CommandIo): void {
  addPresentation(addControllerVerb(hypervisors, "accept", io))
    .argument("<system-id>", "ovs-vsctl get Open_vSwitch . external_ids:system-id")
    .option(
      "--certificate <subject>",
      "the subject of the certificate that it has to show; default: the first that it shows",
    )
    .description("take a hypervisor that dials in (ovs-vsctl set-manager ssl:CONTROLLER)")
    .action(async (systemId: string, options: VerbOptions & { readonly certificate?: string }) => {
      const controller = await openController(io, options);
      const { certificate } = options;
      const body = certificate === undefined ? {} : { certificate };
      const answer = await controller.ask<HypervisorAnswer>("PUT", ["hypervisors", systemId], ["key"], body);
      await printAnswer(io, options, answer, (value) => [hypervisorsSheet([value])]);
    });
  addControllerVerb(hypervisors, "forget", io)
    .argument("<system-id>")
    .description("forget a hypervisor that holds no ports")
    .action(async (systemId: string, options: ControllerOptions) => {
      await (await openController(io, options)).delete(["hypervisors", systemId]);
    });
}

async function ask(io: CommandIo, options: VerbOptions) {
  const controller = await openController(io, options);
  return controller.ask<HypervisorsAnswer>("GET", ["hypervisors"], ["hypervisors"]);
}
