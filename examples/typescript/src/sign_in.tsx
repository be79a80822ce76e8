/** The two steps of a login. */

import { proofOf, type Login, type Proof as AnyProof } from "ninja-totp-client";

import { CodeField, Field, Form, type Sent } from "./form";

export function Password({ onSend }: { onSend: (login: Login) => Sent }) {
  return (
    <Form
      title="Sign in"
      button="Sign in"
      onSend={(field) => onSend({ username: field("username"), password: field("password") })}
    >
      <Field label="User name" name="username" hint="username" />
      <Field label="Password" name="password" type="password" hint="current-password" />
    </Form>
  );
}

/** Asks for a code, in the second step and wherever a recent one is needed. */
export function Proof({ title, onSend }: { title: string; onSend: (proof: AnyProof) => Sent }) {
  return (
    <Form title={title} button="Continue" onSend={(field) => onSend(proofOf(field("code")))}>
      <CodeField />
    </Form>
  );
}
