/** The flows of a bundle that is under way, and which of them others changed meanwhile, which hardly ever happens. */
export class FlowsUnderWay {
  readonly #flows: readonly { readonly key: string }[];
  #keys: ReadonlySet<string> | undefined;
  readonly #disputed = new Set<string>();

  constructor(flows: readonly { readonly key: string }[]) {
    this.#flows = flows;
  }

  /** Others have changed the flow with this identity. Gives whether it is one of these. */
  dispute(key: string): boolean {
    this.#keys ??= new Set(this.#flows.map((flow) => flow.key));
    if (!this.#keys.has(key)) return false;
    this.#disputed.add(key);
    return true;
  }

  isDisputed(key: string): boolean {
    return this.#disputed.has(key);
  }
}
