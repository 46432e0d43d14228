import type { EventsAnswer } from "@loomstack/api";
import { backoffDelayMs, isLoomstackError, messageOf } from "@loomstack/core";
import { type Json, isJsonObject, parseJson } from "@loomstack/ovsdb";
import { type Command, InvalidArgumentError } from "commander";
import type { ControllerClient } from "../../controller-client.ts";
import type { CommandIo } from "../../io.ts";
import { escapeControls } from "../../render/control-characters.ts";
import { formatJson } from "../../render/json.ts";
import type { PresentationOptions } from "../../render/presentation.ts";
import type { Sheet } from "../../render/sheet.ts";
import type { ServerSentEvent } from "../../server-sent-events.ts";
import { addPresentation } from "../presentation-options.ts";
import { printAnswer, sheetOf } from "../switches/answer-text.ts";
import { addControllerVerb, type ControllerOptions, openController } from "../switches/controller-options.ts";

interface EventsOptions extends ControllerOptions, PresentationOptions {
  readonly since: number;
  readonly limit: number;
  readonly follow?: boolean;
}

const redial = { firstMs: 500, limitMs: 8_000 } as const;

/** `loomstack events`: what happened, and with `--follow` what happens. */
export function addEvents(program: Command, io: CommandIo): void {
  addPresentation(addControllerVerb(program, "events", io))
    .description("print what happened to hypervisors and in the cloud, oldest first")
    .option("--since <id>", "only what came after the event with this id", parseCount, 0)
    .option("--limit <number>", "at most so many, up to 1000", parseCount, 100)
    .option("--follow", "print each event as it comes, from --since on or from now, until Ctrl-C")
    .action(async (options: EventsOptions, command: Command) => {
      const controller = await openController(io, options);
      const isSince = command.getOptionValueSource("since") !== "default";
      if (options.follow === true) return follow(controller, io, options, isSince ? String(options.since) : undefined);
      const query = { since: String(options.since), limit: String(options.limit) };
      const answer = await controller.ask<EventsAnswer>("GET", ["events"], ["events"], undefined, query);
      await printAnswer(io, options, answer, ({ events }) => [eventsSheet(events)]);
    });
}

/** Prints events until the command is ended; a connection that is lost is dialled again. */
async function follow(
  controller: ControllerClient,
  io: CommandIo,
  options: EventsOptions,
  since: string | undefined,
): Promise<void> {
  let last = since;
  let failures = 0;
  for (;;) {
    try {
      for await (const event of controller.events(["events", "stream"], last)) {
        failures = 0;
        last = event.id ?? last;
        await show(event, io, options);
      }
      io.note("the stream has ended; connecting anew");
    } catch (error) {
      io.signal.throwIfAborted();
      const isPassing = isLoomstackError(error, "CLI__CONTROLLER_UNREACHABLE") && last !== undefined;
      if (!isPassing && failures === 0) throw error;
      io.note(`${messageOf(error)}; connecting anew`);
    }
    failures += 1;
    await pause(io, backoffDelayMs(redial, failures, Math.random));
  }
}

async function pause(io: CommandIo, delayMs: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const abort = (): void => reject(io.signal.reason as Error);
  io.signal.addEventListener("abort", abort, { once: true });
  using _ = io.clock.after(delayMs, () => resolve(undefined));
  io.signal.throwIfAborted();
  await promise.finally(() => io.signal.removeEventListener("abort", abort));
}

async function show({ type, data }: ServerSentEvent, io: CommandIo, options: EventsOptions): Promise<void> {
  const json = parseJson(data);
  if (type === "missed") {
    const before = isJsonObject(json) ? formatJson(json["before"] ?? 0, false).trim() : "?";
    return io.note(`some events before ${before} came and were forgotten before they could be read`);
  }
  if (type !== "message") return;
  await io.output.write(options.json === true ? formatJson(json, options.pretty ?? false) : eventLine(json));
}

function eventLine(json: Json): string {
  const event = isJsonObject(json) ? json : {};
  const at = new Date(Number(event["at"])).toISOString();
  const parts = [event["severity"], event["kind"], event["hypervisor"], event["object"], event["message"]];
  return `${at} ${parts.flatMap((part) => (typeof part === "string" ? [escapeControls(part)] : [])).join(" ")}\n`;
}

function eventsSheet(events: EventsAnswer["events"]): Sheet {
  const headings = ["Id", "Time", "Severity", "Kind", "Hypervisor", "Object", "Message"];
  const rows = events.map(({ id, at, severity, kind, hypervisor, object, message }) => {
    return [id, new Date(at).toISOString(), severity, kind, hypervisor, object, message];
  });
  return sheetOf(headings, rows);
}

function parseCount(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("A number is expected.");
}
