/** The flow of two-factor authentication as functions. */

import createClient from "openapi-fetch";

import { answered, done, type Answer, type AnswerOf, type ErrorOf, type Schema } from "./answers.js";
import {
  bearer,
  csrfCookie,
  inMemory,
  session,
  type CsrfToken,
  type Tokens,
  type TokenStore,
} from "./credentials.js";
import type { paths } from "./schema.js";
import { asked, challengeIn, type AskForCode, type Proof, type Replied } from "./step_up.js";

/** The calls of one router, without the path under which a site mounts it. */
export type Below<Router extends string> = {
  [Path in keyof paths as Path extends `${Router}${infer Call}` ? Call : never]: paths[Path];
};

/** What the first step of a login leads to; `step` tells which of the three it is. */
export type LoginStep = Schema<"TotpLoginStep">;
export type CodeRequired = Schema<"TotpCodeRequired">;
export type EnrolmentRequired = Schema<"TotpEnrolmentStep">;
export type Setup = Schema<"TotpSetup">;
export type Status = Schema<"TotpStatus">;

/** The password, and the name by the field of your user model: `username`, `email` or another. */
export type Login = { password: string; trusted_device_token?: string } & Record<string, string>;

export interface Options {
  /** Where your project mounts the API: "/api", or "https://api.example.com/api". */
  baseUrl: string;
  /** Bearer tokens, or Django's session with its CSRF token. By default tokens. */
  mode?: "jwt" | "session";
  /** Below which paths the routers are. By default "/totp", and "/jwt" or "/session". */
  mount?: { totp?: string; login?: string };
  /** Where to keep tokens. By default in memory: a reload of the page signs the user out. */
  tokens?: TokenStore;
  /** Returns the CSRF token of a session. By default it is read from Django's cookie. */
  csrfToken?: CsrfToken;
  /** After how many milliseconds a call is given up. By default 20,000. */
  timeout?: number;
  /** In place of the global `fetch`. */
  fetch?: (request: Request) => Promise<Response>;
}

export interface TotpClient {
  /** The first step. `data.step` is "logged_in", "code_required" or "enrolment_required". */
  login(credentials: Login): Promise<AnswerOf<"session_create">>;
  /** The second step, after "code_required". */
  secondStep(
    step: CodeRequired,
    proof: Proof,
    options?: { trustDevice?: string },
  ): Promise<AnswerOf<"session_totp_verify">>;
  /** Start an enrolment: of a user who is signed in, or in the course of a login that wants one. */
  enrol(step?: EnrolmentRequired): Promise<AnswerOf<"totp_create" | "session_totp_create">>;
  /** Confirm it by a code of the new authenticator. The backup codes are shown once. */
  confirm(
    code: string,
    step?: EnrolmentRequired,
  ): Promise<AnswerOf<"totp_confirm" | "session_totp_confirm">>;
  /** Forget the tokens, or end the session. */
  signOut(): Promise<Answer<null, ErrorOf<AnswerOf<"session_delete">>>>;

  status(): Promise<AnswerOf<"totp_status">>;
  /** Switch the second factor off. Asks for a code where the last proof is too old. */
  disable(): Promise<Answer<null, ErrorOf<AnswerOf<"totp_disable">>>>;
  /** Make new backup codes. Asks for a code where the last proof is too old. */
  rotateBackupCodes(): Promise<AnswerOf<"totp_rotate_backup_codes">>;
  /** Prove the second factor again. */
  verify(proof: Proof): Promise<AnswerOf<"totp_verify">>;

  /**
   * Make a call. If it is refused since it needs a recent second factor (401 with the challenge of
   * RFC 9470, or 403 and `second_factor_required`), ask for a code and make it once more.
   */
  withStepUp<Result extends Replied>(call: () => Promise<Result>): Promise<Result>;
  /** Say how `withStepUp` asks for a code. Returns a function that takes it back. */
  onCodeNeeded(ask: AskForCode): () => void;

  /** `fetch` with the user's credential, for endpoints of your own. Renews an expired token. */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  /** Every call below `totp/`, typed: `calls.GET("/events/")`. */
  calls: ReturnType<typeof createClient<Below<"/totp">>>;
}

export function createTotpClient(options: Options): TotpClient {
  const { mode = "jwt", tokens: store = inMemory(), timeout = 20_000 } = options;
  const base = options.baseUrl.replace(/\/$/, "");
  const origin = new URL(base, globalThis.location?.href).origin;
  const loginUrl = base + (options.mount?.login ?? `/${mode}`);
  const transport = options.fetch ?? ((request: Request) => globalThis.fetch(request));

  const send = (request: Request): Promise<Response> =>
    transport(
      new Request(request, {
        cache: "no-store",
        signal: AbortSignal.any([request.signal, AbortSignal.timeout(timeout)]),
      }),
    );
  const refreshing = createClient<Below<"/jwt">>({ baseUrl: loginUrl, fetch: send });
  const credentials =
    mode === "session"
      ? session(options.csrfToken ?? csrfCookie)
      : bearer(store, async (refresh) => {
          const body = { refresh };
          const { data, error } = await answered(
            refreshing.POST("/refresh/", { body, credentials: "omit" }),
          );
          if (data !== undefined) return data;
          return error.code === "token_not_valid" ? "refused" : "unreachable";
        });

  let visits = 0; // each login begins one, and signing out ends it

  async function signedFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init);
    const visit = visits;
    // No other host is told who the user is.
    if (new URL(request.url).origin !== origin) return send(request);
    const signed = await credentials.sign(request.clone());
    const response = await send(signed);
    if (response.status !== 401 || (await challengeIn(response))) return response;
    if (!(await credentials.renew(signed)) || visit !== visits) return response;
    return send(await credentials.sign(request));
  }

  const login = createClient<Below<"/session">>({
    baseUrl: loginUrl,
    fetch: async (request) => send(await credentials.open(request)),
  });
  const calls = createClient<Below<"/totp">>({
    baseUrl: base + (options.mount?.totp ?? "/totp"),
    fetch: signedFetch,
  });

  /**
   * Calls that prove the second factor answer with new tokens, in place of the older ones. Not where
   * the user has signed out meanwhile, or another one has signed in.
   */
  async function keeping<Data extends Tokens, Failure>(
    call: Promise<Answer<Data, Failure>>,
  ): Promise<Answer<Data, Failure>> {
    const visit = visits;
    const answer = await call;
    if (answer.data !== undefined && visit === visits) credentials.keep(answer.data);
    return answer;
  }

  let ask: AskForCode | undefined;
  let asking: Promise<boolean> | undefined;
  const verify: TotpClient["verify"] = (proof) =>
    keeping(answered(calls.POST("/verify/", { body: proof })));

  async function withStepUp<Result extends Replied>(
    call: () => Promise<Result>,
  ): Promise<Result> {
    const visit = visits;
    const first = await call();
    const challenge = await challengeIn(first);
    if (challenge === undefined || ask === undefined) return first;
    // Calls that are refused at the same time ask the user once.
    asking ??= asked(ask, verify, challenge.maxAge).finally(() => (asking = undefined));
    return (await asking) && visit === visits ? call() : first;
  }

  return {
    async login(body) {
      const visit = ++visits;
      const answer = await answered(login.POST("/create/", { body }));
      if (answer.data?.step === "logged_in" && visit === visits) credentials.keep(answer.data);
      return answer;
    },
    secondStep: ({ totp_challenge_token }, proof, { trustDevice } = {}) =>
      keeping(
        answered(
          login.POST("/totp/verify/", {
            body: { totp_challenge_token, ...proof, ...(trustDevice && { trust_device: trustDevice }) },
          }),
        ),
      ),
    enrol(step) {
      if (step === undefined) return answered(calls.POST("/create/"));
      const { totp_enrolment_token } = step;
      return answered(login.POST("/totp/create/", { body: { totp_enrolment_token } }));
    },
    confirm(code, step) {
      const input_code = code.trim();
      if (step === undefined) {
        return keeping(answered(calls.POST("/confirm/", { body: { input_code } })));
      }
      const { totp_enrolment_token } = step;
      const body = { totp_enrolment_token, input_code };
      return keeping(answered(login.POST("/totp/confirm/", { body })));
    },
    async signOut() {
      visits += 1;
      if (mode === "session") return done(login.POST("/delete/"));
      store.set({});
      return { data: null };
    },
    status: () => answered(calls.GET("/status/")),
    disable: () => done(withStepUp(() => calls.POST("/disable/"))),
    rotateBackupCodes: () => answered(withStepUp(() => calls.POST("/rotate_backup_codes/"))),
    verify,
    withStepUp,
    onCodeNeeded(next) {
      ask = next;
      return () => {
        if (ask === next) ask = undefined;
      };
    },
    fetch: signedFetch,
    calls,
  };
}
