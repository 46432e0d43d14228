import { type Flow, flowFingerprint, flowKey, type UnreadFlow } from "@loomstack/openflow";
import { type FlowHashes, flowHashes } from "../pipeline/planned-flow.ts";

interface ReadFlow extends FlowHashes {
  /** The other half of the hash of the bytes that it was told in. */
  readonly high: number;
}

/** How many are kept once, and as many again from before, at about 150 bytes each. */
const mostKept = 60_000;

/**
 * What flows are that switches tell in the same bytes: to read a flow and to put it into its normal form takes fifty times
 * as long as to look it up here, and of those that a hypervisor holds most others that are alike hold as well. The flows that only one has are forgotten first: what is asked for stays.
 */
export class ReadFlows {
  #flows = new Map<number, ReadFlow>();
  #before: ReadonlyMap<number, ReadFlow> = new Map();
  readonly #most: number;

  constructor(most = mostKept) {
    this.#most = most;
  }

  /** @throws WIRE__… */
  hashesOf(flow: UnreadFlow): FlowHashes {
    const { high, low } = flow.hash();
    const known = this.#flows.get(low);
    if (known?.high === high) return known;
    const old = this.#before.get(low);
    const found = old?.high === high ? old : { high, ...hashesOf(flow.read()) };
    if (this.#flows.size >= this.#most) {
      this.#before = this.#flows;
      this.#flows = new Map();
    }
    this.#flows.set(low, found);
    return found;
  }
}

function hashesOf(flow: Flow): FlowHashes {
  return flowHashes({ key: flowKey(flow), fingerprint: flowFingerprint(flow) });
}
