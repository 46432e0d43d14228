import { styleText } from "node:util";
import type { Evidence, StepReport, StoryListener } from "./story.ts";

/** Tells the story to a person: each step when it starts, and what was seen when it ends. */
export function terminal(write: (text: string) => void): StoryListener {
  return {
    started: (step, name) => write(`${styleText("dim", `${step}`)} ${name} …\n`),
    ended: (report) => write(`${headline(report)}\n${evidenceLines(report.evidence).join("\n")}\n\n`),
  };
}

function headline({ step, ok, ms }: StepReport): string {
  const mark = ok ? styleText("green", "✔") : styleText("red", "✘");
  return `${mark} step ${step} ${styleText("dim", `(${(ms / 1000).toFixed(1)} s)`)}`;
}

/** `key: value` for values that fit on a line, one line an element for lists. */
function evidenceLines(evidence: Evidence, indent = "    "): string[] {
  return Object.entries(evidence).flatMap(([key, value]) => {
    if (Array.isArray(value) && value.length > 0 && value.every((element) => typeof element === "string")) {
      return [`${indent}${styleText("cyan", key)}:`, ...value.map((element) => `${indent}  ${element}`)];
    }
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return [`${indent}${styleText("cyan", key)}:`, ...evidenceLines(value as Evidence, `${indent}  `)];
    }
    return [`${indent}${styleText("cyan", key)}: ${typeof value === "string" ? value : JSON.stringify(value)}`];
  });
}
