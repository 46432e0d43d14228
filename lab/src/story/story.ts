/**
 * The story that always works, in seven steps (README.md tells it). Each step does its part through the public
 * interfaces alone, and returns what it saw: what the cloud says, what the controller says, and what the hypervisors
 * themselves say.
 */
import { messageOf } from "@loomstack/core";
import type { Lab } from "../lab.ts";
import type { CloudstackClient } from "./cloudstack-client.ts";
import type { ControllerClient } from "./controller-client.ts";
import type { ServerProcess } from "./server-process.ts";

/** Everything that a step may use. */
export interface World {
  readonly lab: Lab;
  /** The process that runs the controller; the same as `cloudServer` where one process runs both halves. */
  readonly controllerServer: ServerProcess;
  readonly cloudServer: ServerProcess;
  readonly cloud: CloudstackClient;
  readonly controller: ControllerClient;
}

export type Evidence = Readonly<Record<string, unknown>>;

/** What a step found, for the steps after it and for people. */
export interface Outcome<Result> {
  readonly result: Result;
  readonly evidence: Evidence;
}

export interface StepReport {
  readonly step: number;
  readonly name: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly evidence: Evidence;
}

/** Shows steps as they happen. */
export interface StoryListener {
  started(step: number, name: string): void;
  ended(report: StepReport): void;
}

/** Runs steps one after another and keeps their reports. A step that fails ends the story. */
export class Storyteller {
  readonly reports: StepReport[] = [];
  readonly #listener: StoryListener;

  constructor(listener: StoryListener) {
    this.#listener = listener;
  }

  async step<Result>(step: number, name: string, run: () => Promise<Outcome<Result>>): Promise<Result> {
    this.#listener.started(step, name);
    const start = performance.now();
    const end = (ok: boolean, evidence: Evidence): void => {
      const report = { step, name, ok, ms: Math.round(performance.now() - start), evidence };
      this.reports.push(report);
      this.#listener.ended(report);
    };
    try {
      const { result, evidence } = await run();
      end(true, evidence);
      return result;
    } catch (error) {
      end(false, { error: messageOf(error) });
      throw error;
    }
  }
}
