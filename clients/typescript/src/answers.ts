/**
 * What a call returns: what the server said, be it good or bad. A thrown error has no type in
 * TypeScript; a returned one is narrowed by its `code`.
 */

import type { ErrorResponse, ResponseObjectMap, SuccessResponse } from "openapi-typescript-helpers";

import type { components, operations } from "./schema.js";

/** A schema of the OpenAPI document by its name. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

/** There was no answer, or one that is not the API's: the network, or a proxy's error page. */
export interface Unreachable {
  code: "unreachable";
  detail: string;
}

/** What any call may end with, whatever the document says of it. */
export type Anytime = Unreachable | Schema<"TotpInvalidRequestError">;

/** `data` where the call worked, else an `error` with one of the call's codes. */
export type Answer<Data, Failure> =
  | { data: Data; error?: never }
  | { data?: never; error: Failure | Anytime };

type Responses<Id extends keyof operations> = ResponseObjectMap<operations[Id]>;

/** The answer of an operation of the document, or of one of several. */
export type AnswerOf<Id extends keyof operations> = Id extends keyof operations
  ? Answer<SuccessResponse<Responses<Id>>, ErrorResponse<Responses<Id>>>
  : never;

/** The errors in an answer, or in what a function returns. */
export type ErrorOf<Returned> =
  Awaited<Returned> extends infer One
    ? One extends { error: infer Failure }
      ? Failure
      : never
    : never;

type Fetched<Data, Failure> =
  | { data: Data; error?: never; response: Response }
  | { data?: never; error: Failure; response: Response };

/** Wait for a call of openapi-fetch, and give what is not the API's own answer a code too. */
export async function answered<Data, Failure>(
  call: Promise<Fetched<Data, Failure>>,
): Promise<Answer<Data, Failure>> {
  try {
    const { data, error, response } = await call;
    if (response.ok && data !== undefined) return { data };
    return { error: error !== undefined && hasCode(error) ? error : withCode(error, response) };
  } catch {
    return { error: { code: "unreachable", detail: "No answer from the server." } };
  }
}

/** The same for a call that answers with nothing (204). */
export async function done<Failure>(
  call: Promise<{ error?: Failure; response: Response }>,
): Promise<Answer<null, Failure>> {
  const kept = call.then(({ error, response }) =>
    response.ok ? { data: null, response } : { error, response },
  );
  const answer = await answered<null, Failure | undefined>(kept);
  if (answer.error === undefined) return { data: null };
  return { error: answer.error };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

function hasCode(error: unknown): boolean {
  return isObject(error) && typeof error.code === "string";
}

function isSentences(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

/** Django REST Framework names the fields that are not valid, and says no more. */
function withCode(error: unknown, response: Response): Anytime {
  const fields = isObject(error) ? Object.entries(error) : [];
  const told = fields.filter((field): field is [string, string[]] => isSentences(field[1]));
  if (response.status !== 400 || told.length === 0) {
    return { code: "unreachable", detail: `The server answered ${response.status}.` };
  }
  const detail = told.flatMap(([, sentences]) => sentences).join(" ");
  return { code: "invalid_request", detail, fields: Object.fromEntries(told) };
}
