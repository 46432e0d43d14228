import type { NetworkTrafficAnswer, PortTrafficAnswer } from "@loomstack/api";
import type { Command } from "commander";
import type { CommandIo } from "../../io.ts";
import type { PresentationOptions } from "../../render/presentation.ts";
import type { Sheet } from "../../render/sheet.ts";
import { addPresentation } from "../presentation-options.ts";
import { type Cell, printAnswer, sheetOf } from "../switches/answer-text.ts";
import { addControllerVerb, type ControllerOptions, openController } from "../switches/controller-options.ts";

type VerbOptions = ControllerOptions & PresentationOptions;

/** `loomstack traffic port|network <id>`: what guests have sent (RX, as the switch sees it), were sent (TX), and were refused to send. */
export function addTraffic(program: Command, io: CommandIo): void {
  const traffic = program
    .command("traffic")
    .description("print what ports have sent (RX), were sent (TX), and may not send (refused)");
  addPresentation(addControllerVerb(traffic, "port", io).argument("<id>"))
    .description("of one port, on the hypervisor where it is")
    .action(async (id: string, options: VerbOptions) => {
      const controller = await openController(io, options);
      const answer = await controller.ask<PortTrafficAnswer>("GET", ["ports", id, "traffic"], ["counters", "reason"]);
      await printAnswer(io, options, answer, (value) => [trafficSheet([value])]);
    });
  addPresentation(addControllerVerb(traffic, "network", io).argument("<id>"))
    .description("of each port of a network, and of all of them together")
    .action(async (id: string, options: VerbOptions) => {
      const controller = await openController(io, options);
      const answer = await controller.ask<NetworkTrafficAnswer>(
        "GET",
        ["networks", id, "traffic"],
        ["sum", "refused", "ports"],
      );
      await printAnswer(io, options, answer, (whole) => [trafficSheet(whole.ports, whole)]);
    });
}

function trafficSheet(
  ports: readonly PortTrafficAnswer[],
  whole?: Pick<NetworkTrafficAnswer, "sum" | "refused">,
): Sheet {
  const directions = ["Packets", "Bytes", "Dropped", "Errors"];
  const counted = directions.flatMap((what) => [`RX ${what}`, `TX ${what}`]);
  const headings = ["Port", "Hypervisor", ...counted, "Refused Packets", "Refused Bytes"];
  const rows: Cell[][] = ports.map(({ port, hypervisor, counters, refused, since, reason }) => [
    ...[port, hypervisor, ...counterCells(counters), ...refusedCells(refused)],
    ...[since === null ? null : new Date(since).toISOString(), reason],
  ]);
  if (whole !== undefined)
    rows.push(["all of them", null, ...counterCells(whole.sum), ...refusedCells(whole.refused), null, null]);
  return sheetOf([...headings, "Since", "Remarks"], rows);
}

function refusedCells(refused: NetworkTrafficAnswer["refused"] | null): readonly Cell[] {
  return refused === null ? [null, null] : [refused.packets, refused.bytes];
}

/** A counter that the switch doesn't have is a question mark, as ovs-ofctl(8) prints it. */
function counterCells(of: PortTrafficAnswer["counters"]): readonly Cell[] {
  if (of === null) return Array.from({ length: 8 }, () => null);
  const { rxPackets, txPackets, rxBytes, txBytes, rxDropped, txDropped, rxErrors, txErrors } = of;
  const all = [rxPackets, txPackets, rxBytes, txBytes, rxDropped, txDropped, rxErrors, txErrors];
  return all.map((counter) => counter ?? "?");
}
