/**
 * Uses of the client that are compiled and never run. Each `@ts-expect-error` stands for a mistake
 * that the compiler must find; it complains where there is none.
 */

import { Client, type Answer } from "../src/client";

const client = new Client();

export function sentence(answer: Answer<"post", "jwt/totp/verify/">): string {
  if (answer.ok) {
    const left: number | undefined = answer.value.backup_codes_remaining;
    // @ts-expect-error A login shows no new backup codes.
    void answer.value.backup_codes;
    return `${left}`;
  }
  const { error } = answer;
  // @ts-expect-error Not every error says when to try again.
  void error.retry_after;
  switch (error.code) {
    case "locked": {
      const seconds: number | null = error.retry_after;
      // @ts-expect-error No waiting may help: `null` is a case of its own.
      void (error.retry_after + 1);
      return `${seconds}`;
    }
    case "throttled":
      return `${error.retry_after}`;
    case "invalid_request":
      return Object.keys(error.fields).join();
    case "invalid_challenge":
    case "invalid_code":
    case "not_enrolled":
    case "malformed_request":
    case "payload_too_large":
    case "unsupported_media_type":
    case "unavailable":
    case "unreachable":
      return error.detail;
    // @ts-expect-error Only a call that needs a fresh proof answers this.
    case "second_factor_required":
      return "";
    default: {
      const nothing: never = error; // every code of the call has its case
      return nothing;
    }
  }
}

export function firstStep(answer: Answer<"post", "jwt/create/">): string {
  if (!answer.ok) return answer.error.code;
  const { value } = answer;
  // @ts-expect-error Not every first step leads to a second one.
  void value.totp_challenge_token;
  switch (value.step) {
    case "logged_in":
      return value.access ?? "";
    case "code_required":
      return value.totp_challenge_token;
    case "enrolment_required":
      return value.totp_enrolment_token;
  }
}

export async function requests(): Promise<void> {
  await client.post("totp/create/");
  await client.post("totp/disable/");
  await client.post("totp/disable/", { input_code: "123456" });
  const status = await client.get("totp/status/");
  if (status.ok) void (status.value.backup_codes_remaining satisfies number);

  // @ts-expect-error No such call.
  await client.post("totp/delete/");
  // @ts-expect-error It is made with GET.
  await client.post("totp/status/");
  // @ts-expect-error The code is missing.
  await client.post("totp/confirm/");
  // @ts-expect-error The field has another name here.
  await client.post("totp/confirm/", { otp_code: "123456" });
  // @ts-expect-error A code is a text: it may begin with 0.
  await client.post("totp/confirm/", { input_code: 123456 });
  // @ts-expect-error Nothing is sent along.
  await client.post("totp/create/", {});
}
