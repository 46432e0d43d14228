/**
 * Where in a value a reader or a writer is: `flowMod.instructions[1].actions[0]`. Combinators enter and leave; nobody
 * pays for the text until an error needs it.
 */
export class Path {
  readonly #segments: (string | number)[];
  #depth = 1;

  constructor(root: string) {
    this.#segments = [root];
  }

  /** Begins anew. */
  root(root: string): void {
    this.#segments[0] = root;
    this.#depth = 1;
  }

  /** A property name, or the index of an item. */
  enter(segment: string | number): void {
    this.#segments[this.#depth++] = segment;
  }

  /** From the part that was entered last to one beside it. */
  move(segment: string | number): void {
    this.#segments[this.#depth - 1] = segment;
  }

  leave(): void {
    this.#depth--;
  }

  toString(): string {
    return this.#segments
      .slice(0, this.#depth)
      .map((segment, index) => (typeof segment === "number" ? `[${segment}]` : `${index > 0 ? "." : ""}${segment}`))
      .join("");
  }
}
