import type { FlowAnswer, FlowsAnswer } from "@loomstack/api";
import { LoomstackError } from "@loomstack/core";
import type { Command } from "commander";
import type { CommandIo } from "../../io.ts";
import type { PresentationOptions } from "../../render/presentation.ts";
import type { Sheet } from "../../render/sheet.ts";
import { addPresentation } from "../ovsdb/options.ts";
import { printAnswer, sheetOf } from "../switches/answer-text.ts";
import { addControllerVerb, type ControllerOptions, openController } from "../switches/controller-options.ts";
import { dpidHelp } from "../switches/switches.ts";

type VerbOptions = ControllerOptions & PresentationOptions;

/** `loomstack flows …`: the static flows that the controller keeps in plain switches. */
export function addFlows(program: Command, io: CommandIo): void {
  const flows = program.command("flows").description("see, add and delete static flows of plain switches");
  for (const add of [addList, addAdd, addDelete]) add(flows, io);
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
      await printAnswer(io, options, answer, (value) => [flowsSheet([value])]);
      const { id, state, reason } = answer.value;
      if (state === "refused") throw new LoomstackError("CLI__FLOW_REFUSED", { switch: dpid, flow: id, reason });
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

function flowsSheet(flows: readonly FlowAnswer[]): Sheet {
  const headings = ["Id", "Table", "Priority", "Match", "Actions", "State", "Remarks"];
  const rows = flows.map(({ id, table, priority, match, actions, state, reason, warnings }) => {
    const remarks = [reason, ...warnings].filter((remark) => remark !== "").join("; ");
    return [id, table, priority, match, actions, state, remarks];
  });
  return sheetOf(headings, rows);
}
