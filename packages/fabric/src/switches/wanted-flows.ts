import { messageOf, type Uuid } from "@loomstack/core";
import type { Intent, StaticFlow } from "@loomstack/model";
import type { Flow } from "@loomstack/openflow";
import { cookieOf } from "../pipeline/cookies.ts";
import { flowOfParts } from "./flow-text.ts";

/** A static flow as it should be in the switch, or why it can't be. */
export type WantedFlow = { readonly flow: Flow } | { readonly problem: string };

/** The static flows of one switch, by id, each read from its text once. */
export class WantedFlows {
  readonly #wanted = new Map<Uuid, WantedFlow>();
  readonly #byCookie = new Map<bigint, Uuid>();

  constructor(intent: Intent, dpid: string) {
    for (const id of intent.staticFlowsBySwitch.get(dpid) ?? []) this.set(id, intent.staticFlows.get(id));
  }

  get ids(): readonly Uuid[] {
    return [...this.#wanted.keys()];
  }

  get(id: Uuid): WantedFlow | undefined {
    return this.#wanted.get(id);
  }

  /** Takes a flow that is new, or forgets one that is undefined now. */
  set(id: Uuid, flow: StaticFlow | undefined): void {
    if (flow === undefined) {
      this.#wanted.delete(id);
      this.#byCookie.delete(cookieOfStaticFlow(id));
      return;
    }
    this.#wanted.set(id, wantedFlow(flow));
    this.#byCookie.set(cookieOfStaticFlow(id), id);
  }

  /** The flow that has this cookie. */
  withCookie(cookie: bigint): Uuid | undefined {
    return this.#byCookie.get(cookie);
  }

  /** What the switch should hold. */
  get flows(): readonly Flow[] {
    return [...this.#wanted.values()].flatMap((wanted) => ("flow" in wanted ? wanted.flow : []));
  }
}

/** The cookie that a static flow has in its switch. */
export function cookieOfStaticFlow(id: Uuid): bigint {
  return cookieOf(`static flow ${id}`);
}

function wantedFlow({ id, tableId, priority, match, actions }: StaticFlow): WantedFlow {
  try {
    return { flow: { ...flowOfParts({ table: tableId, priority, match, actions }), cookie: cookieOfStaticFlow(id) } };
  } catch (error) {
    // What an earlier release took and this one can't read concerns this flow, and no other.
    return { problem: messageOf(error) };
  }
}
