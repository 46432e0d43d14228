import { isLoomstackError, type LoomstackError, messageOf } from "@loomstack/core";
import { dialectOf, type Flow, flowMod, type OpenFlowVersion } from "@loomstack/openflow";
import { type FlowSet, type KeyedFlow, keyedFlows } from "../reconcile/diff-flows.ts";

/** A flow as the switch is told it and tells it back, or why it can't be told. */
export type ToldFlow = { readonly key: string; readonly keyed: KeyedFlow } | { readonly problem: string };

/** The flows as a switch of one version of OpenFlow is told them, each worked out once. */
export class ToldFlows {
  readonly #version: OpenFlowVersion;
  readonly #known = new WeakMap<Flow, ToldFlow>();

  constructor(version: OpenFlowVersion) {
    this.#version = version;
  }

  get(flow: Flow): ToldFlow {
    const known = this.#known.get(flow);
    if (known !== undefined) return known;
    const told = toldFlow(flow, this.#version);
    this.#known.set(flow, told);
    return told;
  }

  /** The switch keeps the flow, which it is told as before, in this form. */
  keepAs(flow: Flow, key: string, fingerprint: string): void {
    const told = this.get(flow);
    if ("key" in told) this.#known.set(flow, { key, keyed: { flow: told.keyed.flow, fingerprint } });
  }

  /** Those that can be told. */
  setOf(flows: readonly Flow[]): FlowSet {
    const told = flows.map((flow) => this.get(flow)).filter((one) => "key" in one);
    return new Map(told.map(({ key, keyed }) => [key, keyed]));
  }
}

/**
 * A version of OpenFlow may have another way to say the same: a flow counts in the form that it has once it was written
 * and read.
 */
function toldFlow(flow: Flow, version: OpenFlowVersion): ToldFlow {
  try {
    const { encode, decode } = dialectOf(version, { flowModTableId: true });
    const { message } = decode(encode(flowMod("add", flow), 0));
    if (message.kind !== "flowMod") return { problem: `it would be sent as ${message.kind}` };
    const { tableId, priority, cookie, match, instructions } = message;
    const [[key, keyed] = []] = keyedFlows([{ tableId, priority, cookie, match, instructions }]);
    return key === undefined || keyed === undefined ? { problem: "it is no flow" } : { key, keyed: { ...keyed, flow } };
  } catch (error) {
    if (!isAboutTheFlow(error)) throw error;
    return { problem: messageOf(error) };
  }
}

/** A refusal of the switch, or that its version of OpenFlow has no words for the flow; not the end of the connection. */
export function isAboutTheFlow(error: unknown): error is LoomstackError {
  if (!isLoomstackError(error)) return false;
  const { code } = error;
  const isRefused = code === "OPENFLOW__MESSAGE_REFUSED" || code === "OPENFLOW__FLOW_REFUSED";
  return isRefused || code.startsWith("WIRE__") || error.blame === "caller";
}
