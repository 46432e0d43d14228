/** What the process that is measured can be asked, and answers. */
import type { Uuid } from "@loomstack/core";
import type { Work, WorkPort } from "./work.ts";

/** The parameter and the answer of each call. */
export interface ControllerCalls {
  /** Connects hypervisors by the TCP ports of their databases, all at once. */
  readonly connect: [readonly { readonly index: number; readonly port: number }[], null];
  /** Makes a work's networks, subnets and ports in one transaction; answers when it is on disk. */
  readonly load: [Work, null];
  readonly addPort: [WorkPort, null];
  /** Waits until all of them are ACTIVE. */
  readonly active: [readonly Uuid[], null];
  readonly counts: [null, ControllerCounts];
  readonly startProfile: [null, null];
  /** Writes what ran since then into this file. */
  readonly endProfile: [string, null];
}

export interface ControllerCounts {
  /** In all switches. */
  readonly flows: number;
  readonly flowModsSent: number;
  readonly ovsdbTransactions: number;
  /** To all switches, since this process began. */
  readonly openflowBytes: number;
}

export type CallName = keyof ControllerCalls;

export interface CallMessage {
  readonly id: number;
  readonly call: CallName;
  readonly parameter: unknown;
}

export type AnswerMessage =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: string }
  | { readonly openflowPort: number };
