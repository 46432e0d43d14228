/**
 * Calls to a controller's REST interface: Basic authentication, a time limit for each, answers of bounded size, errors
 * in words.
 */
import { type Clock, isLoomstackError, LoomstackError, messageOf } from "@loomstack/core";

export interface RestClientOptions {
  /** Without a slash at its end. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly clock: Clock;
}

export interface RestCall {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface RestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface RestClient {
  readonly url: string;
  /** @throws CLOUD__CONTROLLER_UNREACHABLE, …_TIMEOUT, …_UNAUTHORISED (401, 403), …_MALFORMED (too long) */
  call(call: RestCall): Promise<RestAnswer>;
  /** The error for an answer that isn't the one hoped for; it carries what the controller said. */
  refused(call: RestCall, answer: RestAnswer): LoomstackError;
}

const bodyLimitBytes = 16 * 1024 * 1024;
const reasonLimit = 500;

export function restClient(options: RestClientOptions): RestClient {
  const { url, clock, username } = options;
  const authorization = `Basic ${Buffer.from(`${username}:${options.password}`, "utf8").toString("base64")}`;

  const send = async (call: RestCall, signal: AbortSignal): Promise<RestAnswer> => {
    const headers = { accept: "application/json", authorization, ...call.headers };
    const body =
      call.body === undefined
        ? {}
        : { body: JSON.stringify(call.body), headers: { ...headers, "content-type": "application/json" } };
    // A redirect isn't followed: it would take the credentials elsewhere.
    const response = await fetch(url + call.path, {
      method: call.method,
      headers,
      ...body,
      redirect: "manual",
      signal,
    });
    return { status: response.status, headers: response.headers, text: await boundedText(response, url, call) };
  };

  return {
    url,
    async call(call) {
      call.signal.throwIfAborted();
      const limit = new AbortController();
      using _timer = clock.after(call.timeoutMs, () => limit.abort());
      try {
        const answer = await send(call, AbortSignal.any([call.signal, limit.signal]));
        if (answer.status !== 401 && answer.status !== 403) return answer;
        throw new LoomstackError("CLOUD__CONTROLLER_UNAUTHORISED", { url, username, status: answer.status });
      } catch (error) {
        call.signal.throwIfAborted();
        if (isLoomstackError(error)) throw error;
        if (limit.signal.aborted)
          throw new LoomstackError("CLOUD__CONTROLLER_TIMEOUT", { url, call: nameOf(call), timeoutMs: call.timeoutMs });
        throw new LoomstackError("CLOUD__CONTROLLER_UNREACHABLE", { url, reason: reasonOf(error) }, { cause: error });
      }
    },
    refused: (call, answer) =>
      new LoomstackError("CLOUD__CONTROLLER_REFUSED", {
        url,
        call: nameOf(call),
        status: answer.status,
        reason: wordsOf(answer.text),
      }),
  };
}

async function boundedText(response: Response, url: string, call: RestCall): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of response.body ?? []) {
    const bytes = chunk as Uint8Array;
    size += bytes.length;
    if (size > bodyLimitBytes)
      throw new LoomstackError("CLOUD__CONTROLLER_MALFORMED", {
        url,
        call: nameOf(call),
        reason: "the answer is too long",
      });
    text += decoder.decode(bytes, { stream: true });
  }
  return text + decoder.decode();
}

export function nameOf(call: Pick<RestCall, "method" | "path">): string {
  return `${call.method} ${call.path}`;
}

/**
 * What fetch wraps as "fetch failed" has the reason in its cause; where several addresses were tried, in that one's
 * errors.
 */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const reasons = cause instanceof AggregateError ? cause.errors.map(messageOf) : [messageOf(cause)];
  return reasons.filter((reason) => reason !== "").join("; ") || messageOf(error);
}

/** The message in an error's body: as our own controller, Neutron or OpenDaylight write it, or the text itself. */
export function wordsOf(text: string): string {
  return (
    (
      messageIn(parsed(text)) ??
      text
        .replace(/<[^>]*>/g, " ")
        .replace(/\s+/g, " ")
        .trim()
    ).slice(0, reasonLimit) || "no reason given"
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function messageIn(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  for (const name of ["message", "error", "NeutronError"]) {
    const message = messageIn(fields[name]);
    if (message !== undefined) return message;
  }
  return undefined;
}
