import { type Clock, isLoomstackError, LoomstackError, messageOf } from "@loomstack/core";
import { parseServerSentEvents, type ServerSentEvent } from "./server-sent-events.ts";
import { type Json, isJsonObject, parseJson } from "@loomstack/ovsdb";

/** How long an answer may take where the person hasn't said: the controller itself waits up to 5 s for a switch. */
const answerLimitMs = 30_000;
const answerLimitBytes = 64 * 1024 * 1024;

export interface Credentials {
  readonly name: string;
  readonly password: string;
}

export interface ControllerClientOptions {
  /** Where the controller's HTTP API is, without /api/v1. */
  readonly url: string;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What the controller has answered: as it was sent, for `--json`, and as the type that it has. */
export interface Answer<Value> {
  readonly json: Json;
  readonly value: Value;
}

/** Calls of the controller's REST API, with HTTP Basic. */
export class ControllerClient {
  readonly #options: ControllerClientOptions;
  readonly #base: string;

  /** @throws CLI__USAGE for an URL that can't be one */
  constructor(options: ControllerClientOptions) {
    this.#options = options;
    this.#base = `${checkedUrl(options.url)}/api/v1`;
  }

  /**
   * A call that is answered with an object.
   *
   * @param path parts of the path below /api/v1, which are escaped
   * @param members what an answer of this type has at least
   * @throws CLI__CONTROLLER_UNREACHABLE, CLI__BROKEN_ANSWER, CLI__CALL_REFUSED
   */
  async ask<Value extends object>(
    method: "GET" | "POST" | "PUT",
    path: readonly string[],
    members: readonly (keyof Value & string)[],
    body?: object,
    query?: Readonly<Record<string, string>>,
  ): Promise<Answer<Value>> {
    const json = this.#parse(await this.#call(method, path, body, query));
    if (!isAnswer(json, members)) throw this.#broken(`its answer lacks ${members.join(" or ")}`);
    return { json, value: json };
  }

  /** A call that is answered with nothing. @throws as `ask` */
  async delete(path: readonly string[]): Promise<void> {
    await this.#call("DELETE", path);
  }

  /**
   * A stream of events, from the one after `last` on; it ends when the connection does.
   *
   * @throws as `ask`
   */
  async *events(path: readonly string[], last: string | undefined): AsyncGenerator<ServerSentEvent> {
    const headers = { ...this.#headers("text/event-stream"), ...(last === undefined ? {} : { "last-event-id": last }) };
    try {
      const response = await fetch(this.#url(path), { headers, signal: this.#options.signal, redirect: "manual" });
      if (!response.ok) throw this.#refusal(response.status, await this.#read(response));
      const body: AsyncIterable<Uint8Array> | null = response.body;
      if (body !== null) yield* parseServerSentEvents(body);
    } catch (error) {
      if (isLoomstackError(error)) throw error;
      const reason = reasonOf(error);
      throw new LoomstackError("CLI__CONTROLLER_UNREACHABLE", { url: this.#options.url, reason }, { cause: error });
    }
  }

  #headers(accept: string): Record<string, string> {
    const { name, password } = this.#options.credentials;
    return { accept, authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}` };
  }

  #url(path: readonly string[], query?: Readonly<Record<string, string>>): string {
    const url = [this.#base, ...path.map(encodeURIComponent)].join("/");
    return query === undefined ? url : `${url}?${new URLSearchParams(query).toString()}`;
  }

  async #call(
    method: string,
    path: readonly string[],
    body?: object,
    query?: Readonly<Record<string, string>>,
  ): Promise<string> {
    const { clock, signal } = this.#options;
    const late = new AbortController();
    using _limit = clock.after(answerLimitMs, () => late.abort());
    const headers = {
      ...this.#headers("application/json"),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    try {
      const response = await fetch(this.#url(path, query), {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.any([signal, late.signal]),
        redirect: "manual",
      });
      const text = await this.#read(response);
      if (!response.ok) throw this.#refusal(response.status, text);
      return text;
    } catch (error) {
      if (isLoomstackError(error)) throw error;
      const reason = late.signal.aborted ? `no answer within ${answerLimitMs / 1_000} s` : reasonOf(error);
      throw new LoomstackError("CLI__CONTROLLER_UNREACHABLE", { url: this.#options.url, reason }, { cause: error });
    }
  }

  async #read(response: Response): Promise<string> {
    const body: AsyncIterable<Uint8Array> | null = response.body;
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > answerLimitBytes) throw this.#broken(`its answer has more than ${answerLimitBytes} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString();
  }

  #refusal(status: number, text: string): LoomstackError {
    if (status < 400) return this.#broken(`HTTP status ${status}`);
    try {
      const json = parseJson(text);
      const error = isJsonObject(json) ? json["error"] : undefined;
      if (error !== undefined && isJsonObject(error)) {
        const { code, message } = error;
        if (typeof code === "string" && typeof message === "string")
          return new LoomstackError("CLI__CALL_REFUSED", { code, status, reason: message });
      }
    } catch {
      // Then it isn't the controller's answer.
    }
    return this.#broken(`HTTP status ${status}`);
  }

  #parse(text: string): Json {
    try {
      return parseJson(text);
    } catch (error) {
      throw this.#broken(`its answer is no JSON (${messageOf(error)})`);
    }
  }

  #broken(reason: string): LoomstackError {
    return new LoomstackError("CLI__BROKEN_ANSWER", { url: this.#options.url, reason });
  }
}

/** The URL without a slash at its end. What is wrong with it is said without it: it might hold a password. */
function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "")
    throw new LoomstackError("CLI__USAGE", { reason: "the controller's URL is expected as http://HOST:PORT (--url)" });
  if (url.username !== "" || url.password !== "")
    throw new LoomstackError("CLI__USAGE", { reason: "a password doesn't belong in the URL; see --credentials" });
  return url.href.replace(/\/+$/, "");
}

function isAnswer<Value extends object>(json: unknown, members: readonly (keyof Value & string)[]): json is Value {
  return typeof json === "object" && json !== null && members.every((member) => member in json);
}

/** What fetch wraps, which says more than "fetch failed". */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  // Of several addresses of a name, each has failed on its own.
  if (cause instanceof AggregateError) return cause.errors.map(messageOf).join(", ");
  return messageOf(cause);
}
