/**
 * Endpoints that need a recent second factor: their refusal is met by asking for a code, and the
 * call is made once more.
 */

import type { Answer, AnswerOf, ErrorOf } from "./answers.js";

/** Exactly one proof of the second factor. Two consecutive codes also end a lock. */
export type Proof =
  | { otp_code: string; backup_code?: never; otp_codes?: never }
  | { backup_code: string; otp_code?: never; otp_codes?: never }
  | { otp_codes: [older: string, newer: string]; otp_code?: never; backup_code?: never };

/** The proof that a user has typed: an app's code has at most eight digits, a backup code 24 signs. */
export function proofOf(typed: string): Proof {
  const code = typed.trim();
  return code.replace(/[\s-]/g, "").length > 8 ? { backup_code: code } : { otp_code: code };
}

/** Why a code is asked for. */
export interface Question {
  /** How old a proof may be for the call, in seconds; undefined where the server does not say. */
  maxAge: number | undefined;
  /** What was wrong with the code before this one. */
  error: ErrorOf<AnswerOf<"totp_verify">> | undefined;
}

/** Asks the user for a code. Returns undefined if the user would rather not. */
export type AskForCode = (question: Question) => Promise<Proof | undefined>;

/** What a call may return: what `fetch` does, or what openapi-fetch does. */
export type Replied = Response | { response: Response; error?: unknown };

/** What a refusal says of the proof that it wants; undefined if it is about something else. */
export async function challengeIn(replied: Replied): Promise<{ maxAge?: number } | undefined> {
  const response = "response" in replied ? replied.response : replied;
  if (response.status !== 401 && response.status !== 403) return undefined;
  // RFC 9470. A page of another origin can read the header only where the site exposes it.
  const header = response.headers.get("WWW-Authenticate") ?? "";
  if (header.includes("insufficient_user_authentication")) {
    const [, seconds] = /max_age="?(\d+)/.exec(header) ?? [];
    return seconds === undefined ? {} : { maxAge: Number(seconds) };
  }
  const body: unknown = "response" in replied ? replied.error : await bodyOf(replied);
  if (typeof body !== "object" || body === null || !("code" in body)) return undefined;
  if (body.code !== "second_factor_required") return undefined;
  return "max_age" in body && typeof body.max_age === "number" ? { maxAge: body.max_age } : {};
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    const body: unknown = await response.clone().json();
    return body;
  } catch {
    return undefined;
  }
}

/** Ask until a code is right, or until the user gives up. */
export async function asked<Failure extends Question["error"]>(
  ask: AskForCode,
  verify: (proof: Proof) => Promise<Answer<unknown, Failure>>,
  maxAge: number | undefined,
): Promise<boolean> {
  let error: Question["error"];
  for (;;) {
    const proof = await ask({ maxAge, error });
    if (proof === undefined) return false;
    const answer = await verify(proof);
    if (answer.error === undefined) return true;
    error = answer.error;
  }
}
