/**
 * What the network itself answers. A feature's flows show the questions to the controller (table `services` of br-int);
 * a service answers them from intent alone, as a pure function: nothing is remembered of a question.
 */
import type { Intent, Port } from "@loomstack/model";
import type { Severity } from "../event-throttle.ts";
import type { PortNames } from "./dns/port-names.ts";

/** What holds for all that services say. */
export interface ServiceSettings {
  /** Bytes of the largest IP packet that the underlay carries. */
  readonly underlayMtu: number;
  /** For how long guests may use their addresses without asking again, in seconds. */
  readonly leaseSec: number;
  /** The domain that the names of ports are in. */
  readonly dnsDomain: string;
}

/** What guests are told where nobody has decided otherwise. */
export const defaultGuestSettings: Omit<ServiceSettings, "underlayMtu"> = {
  leaseSec: 86_400,
  dnsDomain: "loomstack.internal",
};

/** A frame that the guest of a port has sent, and what it may be answered from. */
export interface Question {
  readonly frame: Uint8Array;
  readonly port: Port;
  readonly intent: Intent;
  /** An index over `intent`. */
  readonly names: PortNames;
  readonly settings: ServiceSettings;
}

export interface Answer {
  /** What is said, in words that go on from "it". */
  readonly says: string;
  /** An Ethernet frame for the guest that has asked, or several. */
  readonly frame?: Uint8Array | readonly Uint8Array[];
  /** Something that people should know of; `message` names the object. */
  readonly event?: { readonly severity: Severity; readonly kind: string; readonly message: string };
}

export interface Service {
  /** The protocol that it speaks. */
  readonly name: string;
  /** Whether the frame is for this service: a look at its headers. Must not throw, whatever the bytes. */
  isAsked(frame: Uint8Array): boolean;
  /** Undefined where there is nothing to say: the question is malformed, or not ours to answer. */
  answer(question: Question): Answer | undefined;
}
