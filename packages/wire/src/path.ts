/**
 * Where in a value a reader or a writer is: `flowMod.instructions[1].actions[0]`. Combinators enter and leave; nobody
 * pays for the text until an error needs it.
 */
export class Path {
  readonly #segments: (string | number)[];

  constructor(root: string) {
    this.#segments = [root];
  }

  /** A property name, or the index of an item. */
  enter(segment: string | number): void {
    this.#segments.push(segment);
  }

  leave(): void {
    this.#segments.pop();
  }

  toString(): string {
    return this.#segments
      .map((segment, index) => (typeof segment === "number" ? `[${segment}]` : `${index > 0 ? "." : ""}${segment}`))
      .join("");
  }
}
