import { escapeControls } from "./render/control-characters.ts";

/** What is told on standard error, as the line that a person sees. */
export function noteText(line: string): string {
  return `loomstack: ${escapeControls(line)}\n`;
}
