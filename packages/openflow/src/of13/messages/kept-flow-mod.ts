import type { Flow } from "../flow.ts";
import type { FlowMod } from "./flow-mod.ts";

/**
 * A flow mod that adds a flow which many switches have: what its bytes are in a bundle is kept with it once it was sent,
 * for to write a flow mod takes ten times as long as to copy it.
 */
export class KeptFlowMod implements FlowMod {
  readonly kind = "flowMod";
  readonly command = "add";
  readonly tableId: number;
  readonly priority: number;
  readonly cookie: bigint;
  readonly match: Flow["match"];
  readonly instructions: Flow["instructions"];
  #bundled: Uint8Array | undefined;

  constructor(flow: Flow) {
    const { tableId, priority, cookie, match, instructions } = flow;
    this.tableId = tableId;
    this.priority = priority;
    this.cookie = cookie;
    this.match = match;
    this.instructions = instructions;
  }

  /**
   * The bytes of its message in a bundle, the same ones each time, in which ids are to be filled in: `make` makes them,
   * once.
   */
  bundled(make: () => Uint8Array): Uint8Array {
    this.#bundled ??= make().slice();
    return this.#bundled;
  }
}
