/** A form with one button that says what went wrong. */

import { useState, type FormEvent, type ReactNode } from "react";

import { sentence, type AnyError } from "./sentences";

/** What sending a form ends with. */
export type Sent = Promise<{ error?: AnyError }>;

interface Props {
  title: string;
  button: string;
  children?: ReactNode;
  onSend: (field: (name: string) => string) => Sent;
}

export function Form({ title, button, children, onSend }: Props) {
  const [error, setError] = useState<AnyError>();
  const [busy, setBusy] = useState(false);

  async function send(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    setBusy(true);
    setError((await onSend((name) => String(data.get(name) ?? ""))).error);
    setBusy(false);
  }

  return (
    <form onSubmit={(event) => void send(event)} aria-busy={busy}>
      <h2>{title}</h2>
      {children}
      <button disabled={busy}>{button}</button>
      {error && <p role="alert">{sentence(error)}</p>}
    </form>
  );
}

export function Field(props: { label: string; name: string; type?: string; hint: string }) {
  return (
    <p>
      <label htmlFor={props.name}>{props.label}</label>{" "}
      <input
        id={props.name}
        name={props.name}
        type={props.type ?? "text"}
        autoComplete={props.hint}
        required
      />
    </p>
  );
}

export function CodeField() {
  return <Field label="Code from the app, or a backup code" name="code" hint="one-time-code" />;
}
