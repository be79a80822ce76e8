export type { Answer, AnswerOf, ErrorOf, Schema, Unreachable } from "./answers.js";
export {
  createTotpClient,
  type CodeRequired,
  type EnrolmentRequired,
  type Login,
  type LoginStep,
  type Options,
  type Setup,
  type Status,
  type TotpClient,
} from "./client.js";
export type { Tokens, TokenStore } from "./credentials.js";
export { proofOf, type AskForCode, type Proof, type Question } from "./step_up.js";
export type { components, operations, paths } from "./schema.js";
