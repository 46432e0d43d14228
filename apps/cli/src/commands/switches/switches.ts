import type { PuntedPacketsAnswer, SwitchAnswer, SwitchesAnswer, SwitchStatisticsAnswer } from "@loomstack/api";
import type { Command } from "commander";
import type { CommandIo } from "../../io.ts";
import type { PresentationOptions } from "../../render/presentation.ts";
import { addPresentation } from "../presentation-options.ts";
import { printAnswer } from "./answer-text.ts";
import { addControllerVerb, type ControllerOptions, openController } from "./controller-options.ts";
import { packetSheets, statisticsSheets, switchSheets, switchesSheet } from "./switch-sheets.ts";

type VerbOptions = ControllerOptions & PresentationOptions;

interface AddOptions extends VerbOptions {
  readonly name?: string;
  readonly certificate?: string;
  readonly forgetCertificate?: boolean;
}

export const dpidHelp = "the switch's datapath id: 16 hexadecimal digits, or pairs with colons between them";

/** `loomstack switches …`: the switches of the controller, and which of the plain ones it is to program. */
export function addSwitches(program: Command, io: CommandIo): void {
  const switches = program.command("switches").description("see and add the switches of a running controller");
  for (const add of [addList, addShow, addAdd, addForget, addStatistics, addPackets]) add(switches, io);
}

function addList(switches: Command, io: CommandIo): void {
  addPresentation(addControllerVerb(switches, "list", io))
    .description("print every switch that is connected or was added")
    .action(async (options: VerbOptions) => {
      const controller = await openController(io, options);
      const answer = await controller.ask<SwitchesAnswer>("GET", ["switches"], ["switches"]);
      await printAnswer(io, options, answer, (value) => [switchesSheet(value.switches)]);
    });
}

function addShow(switches: Command, io: CommandIo): void {
  addPresentation(addSwitchVerb(switches, "show", io))
    .description("print what a switch is, and its ports")
    .action(async (dpid: string, options: VerbOptions) => {
      const controller = await openController(io, options);
      const answer = await controller.ask<SwitchAnswer>("GET", ["switches", dpid], ["dpid", "ports"]);
      await printAnswer(io, options, answer, switchSheets);
    });
}

function addAdd(switches: Command, io: CommandIo): void {
  addPresentation(addSwitchVerb(switches, "add", io))
    .description("add a switch, connected or not, so that it may get flows")
    .option("--name <name>", "what to call it; default: as it is, or nothing")
    .option(
      "--certificate <subject>",
      "the subject of the certificate that it has to show; default: as it is, or the first",
    )
    .option("--forget-certificate", "take the first certificate that it shows from now on")
    .action(async (dpid: string, options: AddOptions) => {
      const controller = await openController(io, options);
      const { name, forgetCertificate } = options;
      const certificate = forgetCertificate === true ? null : options.certificate;
      const body = { ...(name !== undefined && { name }), ...(certificate !== undefined && { certificate }) };
      const answer = await controller.ask<SwitchAnswer>("POST", ["switches", dpid], ["dpid", "state"], body);
      await printAnswer(io, options, answer, (value) => [switchesSheet([value])]);
    });
}

function addForget(switches: Command, io: CommandIo): void {
  addSwitchVerb(switches, "forget", io)
    .description("forget a switch that has no flows; its connection ends")
    .action(async (dpid: string, options: ControllerOptions) => {
      await (await openController(io, options)).delete(["switches", dpid]);
    });
}

function addStatistics(switches: Command, io: CommandIo): void {
  addPresentation(addSwitchVerb(switches, "statistics", io))
    .description("print what a switch has counted at its ports and tables")
    .action(async (dpid: string, options: VerbOptions) => {
      const controller = await openController(io, options);
      const path = ["switches", dpid, "statistics"];
      const answer = await controller.ask<SwitchStatisticsAnswer>("GET", path, ["ports", "tables"]);
      await printAnswer(io, options, answer, statisticsSheets);
    });
}

function addPackets(switches: Command, io: CommandIo): void {
  addPresentation(addSwitchVerb(switches, "packets", io))
    .description("print how many packets a switch has sent to the controller, and the last of them")
    .action(async (dpid: string, options: VerbOptions) => {
      const controller = await openController(io, options);
      const answer = await controller.ask<PuntedPacketsAnswer>("GET", ["switches", dpid, "packets"], ["count", "last"]);
      await printAnswer(io, options, answer, packetSheets);
    });
}

function addSwitchVerb(switches: Command, name: string, io: CommandIo): Command {
  return addControllerVerb(switches, name, io).argument("<dpid>", dpidHelp);
}
