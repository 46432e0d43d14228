import { setTimeout as pause } from "node:timers/promises";
import type { ControllerClient } from "../story/controller-client.ts";
import type { PortView } from "./correctness.ts";

/** What the controller said from a moment on, until it said something else. */
export interface Said {
  readonly atMs: number;
  readonly hypervisor: string;
  readonly ports: string;
}

interface HypervisorView {
  readonly node: { readonly id: string };
  readonly state: string;
  readonly reason: string;
}

/** What is noted of the ports when all of them are. */
export const allActive = "all ACTIVE";
const lookPauseMs = 100;
const answerLimitMs = 2_000;

/** Asks the controller again and again how a hypervisor and the ports are, and notes when it says something new. */
export class ControllerWatch {
  readonly #controller: ControllerClient;
  readonly #id: string;
  readonly #said: Said[] = [];
  readonly #watching: Promise<void>;
  #isOver = false;

  /** @param id what clients call the hypervisor */
  constructor(controller: ControllerClient, id: string) {
    this.#controller = controller;
    this.#id = id;
    this.#watching = this.#watch();
  }

  /**
   * @param originMs the moment that counts as 0, as performance.now() tells it
   * @returns what was said, oldest first
   */
  async stop(originMs: number): Promise<readonly Said[]> {
    this.#isOver = true;
    await this.#watching;
    return this.#said.map((said) => ({ ...said, atMs: Math.max(0, Math.round(said.atMs - originMs)) }));
  }

  async #watch(): Promise<void> {
    while (!this.#isOver) {
      const atMs = performance.now();
      const now = await Promise.race([this.#ask(), pause(answerLimitMs, silence)]).catch(() => silence);
      const last = this.#said.at(-1);
      if (now.hypervisor !== last?.hypervisor || now.ports !== last.ports) this.#said.push({ atMs, ...now });
      await pause(lookPauseMs);
    }
  }

  async #ask(): Promise<Omit<Said, "atMs">> {
    const { hypervisors } = await this.#controller.get<{ hypervisors: readonly HypervisorView[] }>(
      "/api/v1/hypervisors",
    );
    const { ports } = await this.#controller.get<{ ports: readonly PortView[] }>("/api/v1/ports");
    const hypervisor = hypervisors.find(({ node }) => node.id === this.#id);
    const wrong = ports.filter(({ status }) => status !== "ACTIVE");
    return {
      hypervisor: hypervisor === undefined ? "unknown" : `${hypervisor.state}: ${hypervisor.reason}`,
      ports: wrong[0] === undefined ? allActive : `${wrong.length} ${wrong[0].status}: ${wrong[0].reason}`,
    };
  }
}

const silence = { hypervisor: "no answer", ports: "no answer" };
