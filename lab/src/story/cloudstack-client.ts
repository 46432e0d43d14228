import { createHmac } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { LoomstackError } from "@loomstack/core";
import { expectThat } from "./expectation.ts";

export interface CloudstackCredentials {
  readonly apiKey: string;
  readonly secretKey: string;
}

/** What a command answers: a JSON object, of which the caller knows the shape. */
export type Answer = Readonly<Record<string, unknown>>;

/** How often an asynchronous job is asked for. CloudStack's API has no other way to learn that it ended. */
const jobPollMs = 150;
const jobLimitMs = 90_000;

/** A client of the CloudStack HTTP API, as any other: signed GET requests, asynchronous jobs awaited. */
export class CloudstackClient {
  readonly #endpoint: string;
  readonly #credentials: CloudstackCredentials;

  constructor(endpoint: string, credentials: CloudstackCredentials) {
    this.#endpoint = endpoint;
    this.#credentials = credentials;
  }

  /**
   * Calls `command` and gives what is inside its envelope. @throws LAB__API_REFUSED with the error text of the answer
   */
  async call(command: string, parameters: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const query = this.#sign({ ...parameters, command, response: "json", apiKey: this.#credentials.apiKey });
    const response = await fetch(`${this.#endpoint}?${query}`, { signal: AbortSignal.timeout(30_000) });
    const envelope = (await response.json()) as Record<string, Answer | undefined>;
    const answer = Object.values(envelope)[0] ?? {};
    if (!response.ok)
      throw new LoomstackError("LAB__API_REFUSED", {
        call: command,
        status: response.status,
        text: String(answer["errortext"]),
      });
    return answer;
  }

  /**
   * Calls an asynchronous command and gives the result of its job. `watch` is called at every look while the job runs.
   */
  async run(
    command: string,
    parameters: Readonly<Record<string, string>> = {},
    watch?: () => Promise<void>,
  ): Promise<Answer> {
    const { jobid } = await this.call(command, parameters);
    const deadline = Date.now() + jobLimitMs;
    while (Date.now() < deadline) {
      const job = await this.call("queryAsyncJobResult", { jobid: String(jobid) });
      const result = (job["jobresult"] ?? {}) as Answer;
      if (job["jobstatus"] === 1) return result;
      if (job["jobstatus"] === 2) {
        throw new LoomstackError("LAB__API_REFUSED", {
          call: command,
          status: Number(result["errorcode"]),
          text: String(result["errortext"]),
        });
      }
      await watch?.();
      await pause(jobPollMs);
    }
    throw new LoomstackError("LAB__TIMEOUT", { what: `the job of ${command}`, timeoutMs: jobLimitMs });
  }

  /** The objects of a list command. */
  async list(
    command: string,
    key: string,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<readonly Answer[]> {
    const answer = await this.call(command, { ...parameters, listall: "true" });
    return (answer[key] ?? []) as readonly Answer[];
  }

  #sign(parameters: Readonly<Record<string, string>>): string {
    const pairs = Object.keys(parameters)
      .sort((a, b) => (a < b ? -1 : 1))
      .map((name) => `${name}=${encode(parameters[name] ?? "")}`);
    const signature = createHmac("sha1", this.#credentials.secretKey)
      .update(pairs.join("&").toLowerCase())
      .digest("base64");
    return [...pairs, `signature=${encode(signature)}`].join("&");
  }
}

/** The id of what was made, under `key`: one object, or for some commands of CloudStack a list of one. */
export function idOf(answer: Answer, key: string): string {
  const made = [answer[key]].flat()[0] as Answer | undefined;
  expectThat(typeof made?.["id"] === "string", `${key} in an answer`, "an object with an id", answer);
  return made["id"];
}

/** As Java's URLEncoder with `%20` for a space: only letters, digits and `.-*_` stay as they are. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
