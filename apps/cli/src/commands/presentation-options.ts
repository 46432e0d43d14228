import { type Command, Option } from "commander";
import { formats } from "../render/presentation.ts";

/** The options of a verb that prints sheets. */
export function addPresentation(verb: Command): Command {
  return addJson(verb)
    .addOption(
      new Option("-f, --format <format>", "default: a table, or a list where that is wider than the terminal").choices(
        formats,
      ),
    )
    .option("--no-headings", "leave out headings")
    .option("--no-color", "no colours, as with NO_COLOR in the environment or without a terminal");
}

/** The options of a verb that prints JSON. */
export function addJson(verb: Command): Command {
  return verb.option("--json", "print JSON").option("--pretty", "print JSON on several lines");
}
