import type { Revision } from "@loomstack/core";

/** What is asked about each hypervisor. */
export interface ProgressView {
  /** The revision that it has confirmed, of what concerns it; undefined for one that nobody waits for. */
  confirmed(key: string): Revision | undefined;
  /** The revision of the last change that concerns it. */
  needed(key: string): Revision;
}

/** Who still has to confirm something, kept current one by one: to know the least of it costs what is behind. */
export class Progress {
  readonly #view: ProgressView;
  readonly #behind = new Map<string, Revision>();

  constructor(view: ProgressView) {
    this.#view = view;
  }

  /** Looks at a hypervisor again. */
  refresh(key: string): void {
    const confirmed = this.#view.confirmed(key);
    if (confirmed !== undefined && confirmed < this.#view.needed(key)) this.#behind.set(key, confirmed);
    else this.#behind.delete(key);
  }

  /** What those have confirmed that still have something to confirm, by key. */
  get behind(): ReadonlyMap<string, Revision> {
    return this.#behind;
  }
}
