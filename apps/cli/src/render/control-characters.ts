/** Control characters, and those that turn or hide what stands beside them: a terminal shall not obey a database. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Writes them as JSON's `\uXXXX`; inside of a JSON text, which has them only in strings, the text stays the same JSON. */
export function escapeControls(text: string): string {
  return text.replace(unsafe, (character) =>
    Array.from({ length: character.length }, (_, index) => escaped(character.charCodeAt(index))).join(""),
  );
}

/** As escapeControls, for a text of several lines, whose line ends are ours. */
export function escapeLines(text: string): string {
  return text.split("\n").map(escapeControls).join("\n");
}

function escaped(codeUnit: number): string {
  return `\\u${codeUnit.toString(16).padStart(4, "0")}`;
}
