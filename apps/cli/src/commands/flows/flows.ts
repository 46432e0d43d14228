import type { FlowAnswer, FlowsAnswer } from "@loomstack/api";
import { LoomstackError } from "@loomstack/core";
import type { Command } from "commander";
import type { Answer } from "../../controller-client.ts";
import type { CommandIo } from "../../io.ts";
import type { PresentationOptions } from "../../render/presentation.ts";
import type { Sheet } from "../../render/sheet.ts";
import { addPresentation } from "../presentation-options.ts";
import { printAnswer, sheetOf } from "../switches/answer-text.ts";
import { addControllerVerb, type ControllerOptions, openController } from "../switches/controller-options.ts";
import { dpidHelp } from "../switches/switches.ts";

type VerbOptions = ControllerOptions & PresentationOptions;

/** `loomstack flows …`: the static flows that the controller keeps in plain switches. */
export function addFlows(program: Command, io: CommandIo): void {
  const flows = program.command("flows").description("see, add, change and delete static flows of plain switches");
  for (const add of [addList, addAdd, addReplace, addDelete]) add(flows, io);
}

function addList(flows: Command, io: CommandIo): void {
  addPresentation(addControllerVerb(flows, "list", io).argument("<dpid>", dpidHelp))
    .description("print the static flows of a switch, and whether it holds them")
    .action(async (dpid: string, options: VerbOptions) => {
      const controller = await openController(io, options);
      const answer = await controller.ask<FlowsAnswer>("GET", ["switches", dpid, "flows"], ["flows"]);
      await printAnswer(io, options, answer, (value) => [flowsSheet(value.flows)]);
    });
}

function addAdd(flows: Command, io: CommandIo): void {
  addPresentation(addControllerVerb(flows, "add", io).argument("<dpid>", dpidHelp))
    .description("want a flow of a switch, and wait up to 5 s until that has taken or refused it")
    .argument("<flow>", "as for ovs-ofctl add-flow: 'in_port=1 actions=mod_vlan_vid:100,output:2'")
    .action(async (dpid: string, flow: string, options: VerbOptions) => {
      const controller = await openController(io, options);
      const path = ["switches", dpid, "flows"];
      const answer = await controller.ask<FlowAnswer>("POST", path, ["id", "state"], { flow });
      await printOutcome(io, options, dpid, answer);
    });
}

function addReplace(flows: Command, io: CommandIo): void {
  addPresentation(addControllerVerb(flows, "replace", io).argument("<dpid>", dpidHelp))
    .description(
      "want another flow in the place of one, with nothing lost between; one that is refused changes nothing",
    )
    .argument("<id>", "of the flow, as list prints it")
    .argument("<flow>", "as for add")
    .action(async (dpid: string, id: string, flow: string, options: VerbOptions) => {
      const controller = await openController(io, options);
      const path = ["switches", dpid, "flows", id];
      const answer = await controller.ask<FlowAnswer>("PUT", path, ["id", "state"], { flow });
      await printOutcome(io, options, dpid, answer);
    });
}

function addDelete(flows: Command, io: CommandIo): void {
  addControllerVerb(flows, "delete", io)
    .description("want flows of a switch no more")
    .argument("<dpid>", dpidHelp)
    .argument("<id...>", "of the flows, as list prints them")
    .action(async (dpid: string, ids: readonly string[], options: ControllerOptions) => {
      const controller = await openController(io, options);
      for (const id of ids) await controller.delete(["switches", dpid, "flows", id]);
    });
}

/** Prints a flow that was asked for. @throws CLI__FLOW_REFUSED when the switch didn't take it */
async function printOutcome(
  io: CommandIo,
  options: VerbOptions,
  dpid: string,
  answer: Answer<FlowAnswer>,
): Promise<void> {
  await printAnswer(io, options, answer, (value) => [flowsSheet([value])]);
  const { id, state, reason } = answer.value;
  if (state === "refused") throw new LoomstackError("CLI__FLOW_REFUSED", { switch: dpid, flow: id, reason });
}

function flowsSheet(flows: readonly FlowAnswer[]): Sheet {
  const headings = ["Id", "Table", "Priority", "Match", "Actions", "State", "Remarks"];
  const rows = flows.map(({ id, table, priority, match, actions, state, reason, warnings }) => {
    const remarks = [reason, ...warnings].filter((remark) => remark !== "").join("; ");
    return [id, table, priority, match, actions, state, remarks];
  });
  return sheetOf(headings, rows);
}
