/**
 * Uses of the client that are compiled and never run. Each `@ts-expect-error` stands for a mistake
 * that the compiler must find; it complains where there is none.
 */

import { createTotpClient, type TotpClient } from "ninja-totp-client";

const totp = createTotpClient({ baseUrl: "/api" });

export async function firstStep(): Promise<string> {
  const { data, error } = await totp.login({ email: "ada@example.org", password: "" });
  if (error) return error.code;
  // @ts-expect-error Not every first step leads to a second one.
  void data.totp_challenge_token;
  // @ts-expect-error Only a login that wants a code can be answered by one.
  void totp.secondStep(data, { otp_code: "123456" });
  switch (data.step) {
    case "logged_in":
      return data.access ?? "";
    case "code_required":
      void totp.secondStep(data, { backup_code: "" }, { trustDevice: "Laptop" });
      return data.totp_challenge_token;
    case "enrolment_required":
      void totp.enrol(data);
      return data.totp_enrolment_token;
  }
}

type SecondStep = Awaited<ReturnType<TotpClient["secondStep"]>>;

export function sentence({ data, error }: SecondStep): string {
  if (data) {
    const left: number | undefined = data.backup_codes_remaining;
    // @ts-expect-error A login shows no new backup codes.
    void data.backup_codes;
    return `${left}`;
  }
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
    case "csrf_failed":
    case "origin_not_trusted":
    case "invalid_challenge":
    case "invalid_code":
    case "not_enrolled":
    case "malformed_request":
    case "payload_too_large":
    case "unsupported_media_type":
    case "unavailable":
    case "unreachable":
      return error.detail;
    // @ts-expect-error Only a call that needs a recent proof answers this.
    case "second_factor_required":
      return "";
    default: {
      const nothing: never = error; // every code of the call has its case
      return nothing;
    }
  }
}

export async function requests(): Promise<void> {
  await totp.enrol();
  await totp.disable();
  const status = await totp.status();
  if (status.data) void (status.data.backup_codes_remaining satisfies number);
  const events = await totp.calls.GET("/events/", { params: { query: { limit: 5 } } });
  if (events.data) void (events.data.events satisfies unknown[]);
  const own: Response = await totp.withStepUp(() => totp.fetch("/api/danger/"));
  void own;
  await totp.withStepUp(() => totp.calls.POST("/replace/"));

  // @ts-expect-error The password is missing.
  await totp.login({ username: "ada" });
  // @ts-expect-error One proof is meant, not two.
  await totp.verify({ otp_code: "123456", backup_code: "x" });
  // @ts-expect-error A code is a text: it may begin with 0.
  await totp.confirm(123456);
  // @ts-expect-error No such call.
  await totp.calls.POST("/delete/");
  // @ts-expect-error It is made with GET.
  await totp.calls.POST("/status/");
  // @ts-expect-error The code is missing.
  await totp.calls.POST("/confirm/");
  // @ts-expect-error What is made once more must say how it was answered.
  await totp.withStepUp(async () => "done");
}
