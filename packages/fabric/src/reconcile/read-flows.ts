import { flowFingerprint, flowKey, type UnreadFlow } from "@loomstack/openflow";
import { type FlowHashes, flowHashes } from "../pipeline/planned-flow.ts";

interface ReadFlow extends FlowHashes {
  /** The other half of the hash of the bytes that it was told in. */
  readonly high: number;
}

/** How many are kept, at about 150 bytes each. */
const mostKept = 100_000;

/**
 * What flows are that switches tell in the same bytes: to read a flow and to put it into its normal form takes fifty times
 * as long as to look it up here, and of those that a hypervisor holds most others that are alike hold as well.
 */
export class ReadFlows {
  readonly #flows = new Map<number, ReadFlow>();
  readonly #most: number;

  constructor(most = mostKept) {
    this.#most = most;
  }

  /** @throws WIRE__… */
  hashesOf(flow: UnreadFlow): FlowHashes {
    const { high, low } = flow.hash();
    const known = this.#flows.get(low);
    if (known?.high === high) return known;
    const read = flow.read();
    const fresh = { high, ...flowHashes({ key: flowKey(read), fingerprint: flowFingerprint(read) }) };
    if (this.#flows.size >= this.#most) this.#flows.clear();
    this.#flows.set(low, fresh);
    return fresh;
  }
}
