/** What an error means to the person at the screen. */

import type { ErrorOf, TotpClient } from "ninja-totp-client";

type Call = "login" | "secondStep" | "enrol" | "confirm" | "verify" | "disable";

/** Every error that a call may answer with. */
export type AnyError = ErrorOf<ReturnType<TotpClient[Call]>>;

/** What is not named here has a sentence of the server's that will do. */
export function sentence(error: AnyError): string {
  switch (error.code) {
    case "locked":
    case "throttled":
      return error.retry_after === null
        ? "Too many attempts. Use a backup code."
        : `Too many attempts. Try again in ${error.retry_after} seconds.`;
    case "invalid_code":
      return "clock_skew_seconds" in error && error.clock_skew_seconds
        ? `The clock of your phone is ${Math.abs(error.clock_skew_seconds)} seconds off.`
        : "That code is not right. Wait for the next one.";
    case "invalid_challenge":
      return "That took too long. Sign in again.";
    case "unreachable":
      return "The server cannot be reached.";
    default:
      return error.detail;
  }
}
