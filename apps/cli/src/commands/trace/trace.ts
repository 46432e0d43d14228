import { LoomstackError } from "@loomstack/core";
import type { TraceAnswer } from "@loomstack/api";
import { type Command, InvalidArgumentError } from "commander";
import type { CommandIo } from "../../io.ts";
import type { PresentationOptions } from "../../render/presentation.ts";
import { addPresentation } from "../presentation-options.ts";
import { printAnswer } from "../switches/answer-text.ts";
import { addControllerVerb, type ControllerOptions, openController } from "../switches/controller-options.ts";
import { traceSheets } from "./trace-sheets.ts";

interface TraceOptions extends ControllerOptions, PresentationOptions {
  readonly sourceMac?: string;
  readonly sourceIp?: string;
  readonly size?: number;
  readonly live?: boolean;
  readonly delivery: boolean;
}

/** What the shell is told of a packet that didn't get there: 0 is for those that did, 1 and 2 for errors. */
const notReached = 3;

/** `loomstack trace …`: where a packet goes over the flows that the switches hold at this moment. */
export function addTrace(program: Command, io: CommandIo): void {
  addPresentation(addControllerVerb(program, "trace", io))
    .description("walk a packet over the flows that the hypervisors hold, and say where and why it stops (status 3)")
    .argument("<port>", "the id of the port whose guest sends it")
    .argument("<address>", "the IP or MAC address that it is for")
    .argument(
      "[protocol]",
      "icmp, tcp/<port>, udp/<port>, arp: who has the address, or rs: to ff02::2, where is a router",
      "icmp",
    )
    .option("--source-mac <mac>", "what it claims to come from; default: the port's own")
    .option("--source-ip <ip>", "what it claims to come from; default: the port's own")
    .option("--size <bytes>", "of the IP packet; default: what a guest would send", sizeOf)
    .option(
      "--live",
      "send a real packet at the port's place, marked, and say which tables saw it, and whether it was answered",
    )
    .option("--no-delivery", "with --live: stop it in front of the guest that it is for")
    .action(async (from: string, to: string, protocol: string, options: TraceOptions) => {
      const { sourceMac, sourceIp, size, live = false, delivery } = options;
      if (!live && !delivery)
        throw new LoomstackError("CLI__USAGE", { reason: "--no-delivery is about the packet that --live sends" });
      const controller = await openController(io, options);
      const source = { ...(sourceMac && { sourceMac }), ...(sourceIp && { sourceIp }) };
      const mode = live ? { mode: "live", deliver: delivery } : {};
      const body = { from, to, protocol, ...source, ...(size && { size }), ...mode };
      const answer = await controller.ask<TraceAnswer>("POST", ["trace"], ["steps", "verdict"], body);
      await printAnswer(io, options, answer, traceSheets);
      if (!answer.value.reached) io.setStatus(notReached);
    });
}

function sizeOf(text: string): number {
  const size = /^\d+$/.test(text) ? Number(text) : 0;
  if (size >= 1 && size <= 65_535) return size;
  throw new InvalidArgumentError("A number of bytes from 1 to 65535 is expected.");
}
