import { type Fault, type FaultKind, faults } from "./faults.ts";

/** The faults that are still to come. Each happens once. */
export class Misbehaviour {
  readonly #planned: { readonly method: string; readonly fault: Fault }[] = [];

  /** The next request for `method` is met with `fault`. */
  plan(method: string, fault: Fault): void {
    this.#planned.push({ method, fault });
  }

  /** What a request for `method` is to be met with, once. */
  take(method: string): FaultKind | undefined {
    const index = this.#planned.findIndex((planned) => planned.method === method);
    const [planned] = index < 0 ? [] : this.#planned.splice(index, 1);
    return planned && faults[planned.fault];
  }
}
