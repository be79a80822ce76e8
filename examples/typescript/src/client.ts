/**
 * The API's calls, typed by its own OpenAPI document. `npm run types` makes `api.ts` from that.
 *
 * A call returns what the server said, be it good or bad: a thrown error has no type in TypeScript,
 * a returned one can be told apart by its `code`.
 */

import type { paths } from "./api";

/** Every path of the document without its first part, which is where your project mounts the API. */
type Calls = {
  [Path in keyof paths as Path extends `/${string}/${infer Call}` ? Call : never]: paths[Path];
};

type Method = "get" | "post";

/** Whether a call answers in JSON, or with nothing. Two calls answer with an image. */
type SpeaksJson<Of> = Of extends { responses: { 200: { content: infer Content } } }
  ? Content extends { "application/json": unknown }
    ? true
    : false
  : true;

/** The calls that are made with a method. */
export type CallsBy<M extends Method> = {
  [Call in keyof Calls]: Calls[Call] extends Record<M, infer Of>
    ? SpeaksJson<Of> extends true
      ? Call
      : never
    : never;
}[keyof Calls];

type Operation<M extends Method, Call extends CallsBy<M>> =
  Calls[Call] extends Record<M, infer Found> ? Found : never;

type Json<Response> = Response extends { content: { "application/json": infer Body } }
  ? Body
  : Record<never, never>;

type Responses<Of> = Of extends { responses: infer All } ? All : never;

type Success<Of> = {
  [Status in keyof Responses<Of>]: Status extends 200 | 201 | 204
    ? Json<Responses<Of>[Status]>
    : never;
}[keyof Responses<Of>];

type Failure<Of> = {
  [Status in keyof Responses<Of>]: Status extends 200 | 201 | 204
    ? never
    : Json<Responses<Of>[Status]>;
}[keyof Responses<Of>];

type BodyOf<Of> = Of extends { requestBody?: never }
  ? []
  : Of extends { requestBody: { content: { "application/json": infer Body } } }
    ? [body: Body]
    : Of extends { requestBody?: { content: { "application/json": infer Body } } }
      ? [body?: Body]
      : [];

/** There was no answer, or one that is not the API's: the network, or a proxy's error page. */
export interface Unreachable {
  code: "unreachable";
  detail: string;
}

/** What a call may answer: `value` where it worked, else an `error` with one of the call's codes. */
export type Answer<M extends Method, Call extends CallsBy<M>> =
  | { ok: true; value: Success<Operation<M, Call>> }
  | { ok: false; error: Failure<Operation<M, Call>> | Unreachable };

interface Tokens {
  access?: string | null;
  refresh?: string | null;
}

type Raw =
  | { ok: true; value: unknown }
  | { ok: false; status: number; error: { code: string; detail: string } };

const PATIENCE = 20_000; // milliseconds

export class Client {
  /** In memory alone: nothing that is kept by the browser can be read by a script later. */
  #access: string | null = null;
  #refresh: string | null = null;
  #renewal: Promise<boolean> | null = null;

  constructor(readonly root: string = "/api/") {}

  get<Call extends CallsBy<"get">>(call: Call): Promise<Answer<"get", Call>> {
    return this.#call("GET", call, undefined) as Promise<Answer<"get", Call>>;
  }

  post<Call extends CallsBy<"post">>(
    call: Call,
    ...[body]: BodyOf<Operation<"post", Call>>
  ): Promise<Answer<"post", Call>> {
    return this.#call("POST", call, body ?? {}) as Promise<Answer<"post", Call>>;
  }

  /** Forget the tokens. */
  signOut(): void {
    this.#access = null;
    this.#refresh = null;
  }

  async #call(method: string, call: string, body: unknown): Promise<Raw> {
    const first = await this.#send(method, call, body);
    const expired = !first.ok && first.status === 401; // whichever code the JWT library gives it
    if (!expired || !(await this.#renew())) return first;
    return this.#send(method, call, body);
  }

  /** One renewal at a time: where refresh tokens rotate, a second one would send a dead token. */
  #renew(): Promise<boolean> {
    this.#renewal ??= this.#exchangeRefresh().finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  async #exchangeRefresh(): Promise<boolean> {
    if (this.#refresh === null) return false;
    const answer = await this.#send("POST", "jwt/refresh/", { refresh: this.#refresh });
    if (!answer.ok && answer.status === 401) this.signOut();
    return answer.ok;
  }

  async #send(method: string, call: string, body: unknown): Promise<Raw> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (this.#access !== null) headers.Authorization = `Bearer ${this.#access}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    try {
      const response = await fetch(this.root + call, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        credentials: "omit", // the bearer token is the only credential
        cache: "no-store",
        signal: AbortSignal.timeout(PATIENCE),
      });
      const { status, ok } = response;
      const value: unknown = status === 204 ? {} : await response.json();
      if (!ok) return { ok, status, error: value as { code: string; detail: string } };
      this.#keep(value as Tokens);
      return { ok: true, value };
    } catch {
      const error = { code: "unreachable", detail: "No answer from the server." };
      return { ok: false, status: 0, error };
    }
  }

  /** Calls that prove the second factor answer with new tokens, in place of the older ones. */
  #keep({ access, refresh }: Tokens): void {
    this.#access = access ?? this.#access;
    this.#refresh = refresh ?? this.#refresh;
  }
}
