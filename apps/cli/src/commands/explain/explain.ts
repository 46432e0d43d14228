import type { ExplainAnswer } from "@loomstack/api";
import type { Command } from "commander";
import type { CommandIo } from "../../io.ts";
import { escapeControls } from "../../render/control-characters.ts";
import type { PresentationOptions } from "../../render/presentation.ts";
import type { Sheet } from "../../render/sheet.ts";
import { addPresentation } from "../presentation-options.ts";
import { printAnswer, sheetOf } from "../switches/answer-text.ts";
import { addControllerVerb, type ControllerOptions, openController } from "../switches/controller-options.ts";

type VerbOptions = ControllerOptions & PresentationOptions;

/** What can be explained: its argument, and what the command says of it. */
const subjects = [
  ["port", "<id>", "print the flows that there are for a port, on whichever hypervisor"],
  ["network", "<id>", "print the flows that there are for a network and its ports"],
  [
    "hypervisor",
    "<key>",
    "print the flows that a hypervisor should hold (OVS/<id>), and those of others because of it",
  ],
  ["flow", "<flow>", "print what a flow is for: its cookie (0x…), or its text as ovs-ofctl dump-flows has it"],
] as const;

/** `loomstack explain …`: which intent made the flows that have to do with an object, and why. */
export function addExplain(program: Command, io: CommandIo): void {
  const explain = program.command("explain").description("say which intent made flows, and why");
  for (const [kind, argument, description] of subjects) {
    addPresentation(addControllerVerb(explain, kind, io).argument(argument))
      .description(description)
      .action(async (id: string, options: VerbOptions) => {
        const controller = await openController(io, options);
        const answer = await controller.ask<ExplainAnswer>("POST", ["explain"], ["summary", "flows"], { kind, id });
        await printAnswer(io, options, answer, (value) => [explanationSheet(value)]);
      });
  }
}

function explanationSheet({ summary, flows }: ExplainAnswer): Sheet {
  const headings = ["Hypervisor", "Bridge", "Table", "Owner", "Feature", "Why", "Flow"];
  const rows = flows.map(({ hypervisor, bridge, table, owner, alsoFor, feature, why, flow }) => {
    return [hypervisor, bridge, table, [owner, ...alsoFor].join(", "), feature, why, flow];
  });
  return sheetOf(headings, rows, escapeControls(summary));
}
